using System.Text.Json;
using System.Text.RegularExpressions;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Foreign;

/// <summary>
/// Reads the chats that Open WebUI exports, all of them or one. <c>chat.history.messages</c> has the messages of a tree by their ids, and
/// <c>chat.history.currentId</c> names the last one that was shown. Old chats have only the list <c>chat.messages</c>.
/// </summary>
internal static class OpenWebUiFormat
{
    internal const string Program = "Open WebUI";

    // A text can have many elements that do not end: without backtracking, they take no longer than others.
    private static readonly Regex Details = new(
        """<details type="(reasoning|tool_calls|code_interpreter)"[^>]*>(?s:.*?)</details>\s*""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    internal static ForeignConversation Read(JsonElement item, ForeignLosses losses)
    {
        var chat = item.Member("chat") ?? item;
        var tree = new MessageTree();
        var history = chat.Member("history") ?? default;
        foreach (var message in history.Members("messages"))
            tree.Add(new MessageTree.Node(message.Name, message.Value.Text("parentId"), message.Value, message.Value.Instant("timestamp")));

        var branch = tree.Branch(history.Text("currentId"));
        losses.Skip(ImportWarning.OtherBranch, tree.Except(branch).Count());
        if (branch.Count == 0) branch = ReadList(chat);
        return new ForeignConversation(
            Program,
            item.Text("id"),
            item.Text("title") ?? chat.Text("title"),
            item.Instant("created_at") ?? chat.Instant("timestamp"),
            item.Instant("updated_at"),
            item.IsTrue("archived"),
            [.. branch.Select(node => ReadMessage(node, losses)).OfType<ForeignMessage>()]);
    }

    private static List<MessageTree.Node> ReadList(JsonElement chat) =>
        [.. chat.Items("messages").Select((message, n) => new MessageTree.Node(message.Text("id") ?? $"#{n}", null, message, message.Instant("timestamp")))];

    private static ForeignMessage? ReadMessage(MessageTree.Node node, ForeignLosses losses)
    {
        if (MessageRoles.Parse(node.Json.Text("role")) is not { Error: null } role)
        {
            losses.Skip(node.Json.Text("role") == "system" ? ImportWarning.SystemMessage : ImportWarning.ToolMessage);
            return null;
        }

        foreach (var file in node.Json.Items("files"))
            losses.Warn(file.Text("type")?.StartsWith("image", StringComparison.Ordinal) == true ? ImportWarning.Image : ImportWarning.Attachment);
        var text = node.Json.Text("content")
            ?? string.Join('\n', node.Json.Items("content").Select(part => PartText(part, losses)).Where(part => part.Length > 0));
        if (role.Value == MessageRole.Assistant) text = WithoutDetails(text, losses);
        return new ForeignMessage(node.Id, role.Value, text, node.At);
    }

    private static string PartText(JsonElement part, ForeignLosses losses)
    {
        if (part.Text("text") is { } text) return text;
        losses.Warn(part.Text("type") == "image_url" ? ImportWarning.Image : ImportWarning.OtherContent);
        return "";
    }

    // Reasoning and calls of tools are elements within the text.
    private static string WithoutDetails(string text, ForeignLosses losses) => Details.Replace(text, details =>
    {
        losses.Warn(details.Groups[1].ValueSpan is "reasoning" ? ImportWarning.Reasoning : ImportWarning.ToolMessage);
        return "";
    });
}
