using System.Text.Json;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Foreign;

/// <summary>
/// Reads a conversation that LibreChat exports. The messages are a list, or nested as <c>children</c>. LibreChat shows the last child of a
/// message first. <c>branches</c> does not tell whether there are any: it can be absent or <c>"indeterminate"</c>.
/// </summary>
internal static class LibreChatFormat
{
    internal const string Program = "LibreChat";

    internal static ForeignConversation Read(JsonElement conversation, ForeignLosses losses)
    {
        var (tree, isNested) = ReadTree(conversation);
        var all = tree.All();
        var branch = isNested || tree.HasBranches() ? tree.LastBranch() : all;
        losses.Skip(ImportWarning.OtherBranch, all.Count - branch.Count);
        return new ForeignConversation(
            Program,
            conversation.Text("conversationId"),
            conversation.Text("title"),
            conversation.Instant("createdAt"),
            conversation.Instant("updatedAt"),
            conversation.IsTrue("isArchived"),
            [.. branch.Select(node => ReadMessage(node, losses))]);
    }

    // Without recursion, because a long conversation is nested deeply.
    private static (MessageTree Tree, bool IsNested) ReadTree(JsonElement conversation)
    {
        var tree = new MessageTree();
        var isNested = false;
        var open = new Stack<(JsonElement Message, string? Parent)>();
        Push(conversation.Items("messages").Concat(conversation.Items("messagesTree")), parent: null);
        for (var n = 0; open.TryPop(out var next); n++)
        {
            var id = next.Message.Text("messageId") ?? $"#{n}";
            tree.Add(new MessageTree.Node(id, next.Parent ?? next.Message.Text("parentMessageId"), next.Message, next.Message.Instant("createdAt")));
            isNested |= Push(next.Message.Items("children"), id);
        }

        return (tree, isNested);

        bool Push(IEnumerable<JsonElement> messages, string? parent)
        {
            var count = open.Count;
            foreach (var message in messages.Reverse()) open.Push((message, parent));
            return open.Count > count;
        }
    }

    private static ForeignMessage ReadMessage(MessageTree.Node node, ForeignLosses losses)
    {
        var message = node.Json;
        var isUser = message.IsTrue("isCreatedByUser") || message.Member("isCreatedByUser") is null && IsUser(message.Text("sender"));
        foreach (var file in message.Items("files").Concat(message.Items("attachments")))
            losses.Warn(file.Text("type")?.StartsWith("image/", StringComparison.Ordinal) == true ? ImportWarning.Image : ImportWarning.Attachment);
        var content = message.Items("content").Where(part => part.ValueKind != JsonValueKind.Null);
        var parts = string.Join('\n', content.Select(part => PartText(part, losses)).Where(part => part.Length > 0));
        return new ForeignMessage(
            node.Id, isUser ? MessageRole.User : MessageRole.Assistant, message.Text("text") is { Length: > 0 } text ? text : parts, node.At);
    }

    private static bool IsUser(string? sender) => "user".Equals(sender, StringComparison.OrdinalIgnoreCase);

    private static string PartText(JsonElement part, ForeignLosses losses)
    {
        var type = part.Text("type");
        if (type == "text") return part.Text("text") ?? part.Member("text")?.Text("value") ?? "";
        losses.Warn(type switch
        {
            "think" => ImportWarning.Reasoning,
            "tool_call" => ImportWarning.ToolMessage,
            "image_file" or "image_url" => ImportWarning.Image,
            _ => ImportWarning.OtherContent,
        });
        return "";
    }
}
