using System.Text.Json;
using ModelContextProtocol.Protocol;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Mcp;

/// <summary>The resource of each session, at <c>orion://sessions/{sessionId}</c>.</summary>
internal static class SessionResources
{
    private const string Prefix = "orion://sessions/";
    private const string MediaType = "application/json";
    private const int PageSize = 50;

    internal static ResourceTemplate Template { get; } = new()
    {
        Name = "session",
        Title = "Chat session",
        UriTemplate = Prefix + "{sessionId}",
        Description = "A chat session with its newest messages. Read longer sessions with the tool read_messages.",
        MimeType = MediaType,
    };

    /// <summary>Lists the sessions that are not archived, the most recently changed first.</summary>
    internal static async Task<Result<ListResourcesResult>> List(
        McpConnection connection, Caller caller, string? cursor, CancellationToken cancellationToken)
    {
        var list = new SessionList(SessionSort.UpdatedAt, SortOrder.Descending, ArchivedFilter.Exclude, From: null, To: null);
        var query = new ListSessions(caller, list, PageSize, cursor, Memory: connection.Memory, MaxBytes: SessionTools.PageBytes);
        var page = await connection.Dispatcher.Send(query, cancellationToken);
        if (page.Error is { } error) return error;
        return new ListResourcesResult
        {
            Resources = [.. page.Value.Sessions.Select(session => new Resource
            {
                Uri = $"{Prefix}{session.SessionId}",
                Name = session.Title,
                MimeType = MediaType,
                Description = $"{session.MessageCount} messages.",
            })],
            NextCursor = page.Value.NextCursor,
        };
    }

    /// <summary>Reads a session, with as many of its newest messages as fit.</summary>
    internal static async Task<Result<ReadResourceResult>> Read(
        McpConnection connection, Caller caller, string uri, CancellationToken cancellationToken)
    {
        var id = uri.StartsWith(Prefix, StringComparison.Ordinal) ? SessionId.Parse(uri[Prefix.Length..]) : null;
        if (id is null) return SessionErrors.NotFound;

        var session = await connection.Dispatcher.Send(new GetSession(caller, id.Value), cancellationToken);
        if (session.Error is { } missing) return missing;
        var query = new ListMessages(
            caller, new MessageList(id.Value, SortOrder.Descending), ListMessages.MaxLimit, Cursor: null,
            Memory: connection.Memory, MaxBytes: SessionTools.PageBytes);
        var page = await connection.Dispatcher.Send(query, cancellationToken);
        if (page.Error is { } error) return error;

        var content = new McpSessionContent(
            McpSession.From(session.Value),
            [.. page.Value.Messages.Reverse().Select(McpMessage.From)],
            page.Value.End == PageEnd.Complete ? null : true);
        return new ReadResourceResult
        {
            Contents =
            [
                new TextResourceContents
                {
                    Uri = uri,
                    MimeType = MediaType,
                    Text = JsonSerializer.Serialize(content, McpJson.Text.McpSessionContent),
                },
            ],
        };
    }
}
