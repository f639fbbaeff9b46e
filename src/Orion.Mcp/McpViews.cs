using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orion.Application.Export;
using Orion.Application.Search;
using Orion.Application.Sessions;

namespace Orion.Mcp;

// The views leave out metadata, which belongs to the client that wrote it, and the user's address.

/// <summary>A session.</summary>
internal sealed record McpSession(
    Guid SessionId, string Title, string FirstMessage, string LastMessage, int MessageCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    DateTimeOffset? ArchivedAt = null)
{
    internal static McpSession From(SessionView session) => new(
        session.SessionId, session.Title, session.FirstMessage, session.LastMessage, session.MessageCount, session.CreatedAt, session.UpdatedAt,
        session.ArchivedAt);
}

/// <summary>A message. An appended message is returned without its content.</summary>
internal sealed record McpMessage(Guid Id, Guid SessionId, int Sequence, string Role, DateTimeOffset Timestamp, string? Content = null)
{
    internal static McpMessage From(MessageView message) =>
        new(message.Id, message.SessionId, message.Sequence, message.Role, message.Timestamp, message.Content);
}

/// <summary>A page of sessions.</summary>
internal sealed record McpSessions(IReadOnlyList<McpSession> Sessions, int Count, string? NextCursor = null);

/// <summary>A page of messages.</summary>
internal sealed record McpMessages(IReadOnlyList<McpMessage> Messages, int Count, string? NextCursor = null);

/// <summary>A message, or the title of a session, that a search has found. Without the members of a message it is a title.</summary>
internal sealed record McpSearchResult(
    Guid SessionId, string Title, string Snippet, Guid? MessageId = null, int? Sequence = null, string? Role = null, DateTimeOffset? Timestamp = null)
{
    internal static McpSearchResult From(SearchResultView result) => new(
        result.Session.SessionId, result.Session.Title, result.Snippet, result.Message?.Id, result.Message?.Sequence, result.Message?.Role,
        result.Message?.Timestamp);
}

/// <summary>A page of search results.</summary>
/// <param name="Results">The results, newest first.</param>
/// <param name="Count">Their number.</param>
/// <param name="NextCursor">The cursor of the next page; null for the last page.</param>
/// <param name="Indexing">True while older messages are still being indexed and may be missing.</param>
internal sealed record McpSearchResults(IReadOnlyList<McpSearchResult> Results, int Count, string? NextCursor = null, bool? Indexing = null);

/// <summary>The content of the resource of a session.</summary>
/// <param name="Session">The session.</param>
/// <param name="Messages">Its messages, the oldest first.</param>
/// <param name="Truncated">True if older messages are left out, because the resource would be too large.</param>
internal sealed record McpSessionContent(McpSession Session, IReadOnlyList<McpMessage> Messages, bool? Truncated = null);

/// <summary>The JSON of the tools and resources.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(McpSession))]
[JsonSerializable(typeof(McpMessage))]
[JsonSerializable(typeof(McpSessions))]
[JsonSerializable(typeof(McpMessages))]
[JsonSerializable(typeof(McpSearchResults))]
[JsonSerializable(typeof(McpSessionContent))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class McpJson : JsonSerializerContext
{
    /// <summary>For JSON inside of a text: it is escaped once more there, and is never embedded in HTML.</summary>
    internal static McpJson Text { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new InstantConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
