using System.Text.Json;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Import.Foreign;

/// <summary>
/// Reads the conversations of ChatGPT's <c>conversations.json</c>. <c>mapping</c> has the nodes of a tree by their ids, and
/// <c>current_node</c> names the last one that was shown.
/// </summary>
internal static class ChatGptFormat
{
    internal const string Program = "ChatGPT";

    internal static ForeignConversation Read(JsonElement conversation, ForeignLosses losses)
    {
        var tree = new MessageTree();
        foreach (var node in conversation.Members("mapping"))
        {
            var message = node.Value.Member("message");
            tree.Add(new MessageTree.Node(node.Name, node.Value.Text("parent"), message ?? default, message?.Instant("create_time")));
        }

        var branch = tree.Branch(conversation.Text("current_node"));
        losses.Skip(
            ImportWarning.OtherBranch,
            tree.Except(branch).Count(node => RoleOf(node.Json) is MessageRoles.User or MessageRoles.Assistant));
        return new ForeignConversation(
            Program,
            conversation.Text("conversation_id") ?? conversation.Text("id"),
            conversation.Text("title"),
            conversation.Instant("create_time"),
            conversation.Instant("update_time"),
            conversation.IsTrue("is_archived"),
            [.. branch.Select(node => ReadMessage(node, losses)).OfType<ForeignMessage>()]);
    }

    private static string? RoleOf(JsonElement message) => message.Member("author")?.Text("role");

    private static ForeignMessage? ReadMessage(MessageTree.Node node, ForeignLosses losses)
    {
        var message = node.Json;
        // Each tree begins with nodes without a message.
        if (message.Member("content") is not { } content) return null;

        var type = content.Text("content_type");
        var isHidden = message.Member("metadata")?.IsTrue("is_visually_hidden_from_conversation") == true
            || type is "user_editable_context" or "model_editable_context";
        if (isHidden || RoleOf(message) == "system")
            return Skip(ImportWarning.SystemMessage, isSilent: !isHidden && TextRules.IsBlank(TextOf(content, null)));
        if (type is "thoughts" or "reasoning_recap") return Skip(ImportWarning.Reasoning);
        if (MessageRoles.Parse(RoleOf(message)) is not { Error: null } role) return Skip(ImportWarning.ToolMessage);
        // A call of a tool is a message to it.
        if (message.Text("recipient") is { } recipient && recipient != "all") return Skip(ImportWarning.ToolMessage);

        var attachments = message.Member("metadata")?.Items("attachments") ?? [];
        losses.Warn(
            ImportWarning.Attachment,
            attachments.Count(file => file.Text("mime_type")?.StartsWith("image/", StringComparison.Ordinal) != true));
        return new ForeignMessage(node.Id, role.Value, TextOf(content, losses), node.At);

        ForeignMessage? Skip(ImportWarning kind, bool isSilent = false)
        {
            if (!isSilent) losses.Skip(kind);
            return null;
        }
    }

    // Most types have either parts or a text.
    private static string TextOf(JsonElement content, ForeignLosses? losses)
    {
        var parts = content.Items("parts").Select(part => part.Text() ?? PartText(part, losses));
        var text = content.Text("text") ?? "";
        if (content.Text("content_type") == "code")
            text = $"```{content.Text("language") switch { null or "unknown" => "", { } language => language }}\n{text}\n```";
        if (content.Text("content_type") == "tether_quote" && content.Text("url") is { } url) text = $"{text}\n{url}";
        return string.Join('\n', parts.Append(text).Where(part => part.Length > 0));
    }

    private static string PartText(JsonElement part, ForeignLosses? losses)
    {
        var kind = part.Text("content_type");
        // The transcript of a recording.
        if (kind == "audio_transcription") return part.Text("text") ?? "";
        losses?.Warn(kind switch
        {
            "image_asset_pointer" => ImportWarning.Image,
            not null when kind.Contains("audio", StringComparison.Ordinal) || kind.Contains("video", StringComparison.Ordinal) => ImportWarning.Attachment,
            _ => ImportWarning.OtherContent,
        });
        return "";
    }
}
