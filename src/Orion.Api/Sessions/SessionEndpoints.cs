using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Api.Sessions;

/// <summary>The resource routes of sessions.</summary>
internal static class SessionEndpoints
{
    internal const string Path = "/api/sessions";
    internal const string IdInPath = "{sessionId}";
    internal const int DefaultLimit = 50;
    internal const int MaxLimit = 200;

    internal static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapIdempotent<CreateSessionRequest>(Path, Create).WithMetadata(SessionDescriptions.Create);
        routes.MapRead(Path, List).WithMetadata(SessionDescriptions.List);
        routes.MapRead($"{Path}/{IdInPath}", Get).WithMetadata(SessionDescriptions.Get, new AcceptsSessionTokenAttribute());
        routes.MapWrite<UpdateSessionRequest>(HttpMethods.Patch, $"{Path}/{IdInPath}", Change).WithMetadata(SessionDescriptions.Change);
        routes.MapWrite(HttpMethods.Delete, $"{Path}/{IdInPath}", Delete).WithMetadata(SessionDescriptions.Delete);
    }

    /// <summary>The session that the path names.</summary>
    internal static SessionId Session(this HttpContext http) =>
        SessionId.Parse((string?)http.GetRouteValue("sessionId")) ?? SessionId.Unassigned;

    private static async Task<IResult> Create(HttpContext http, IDispatcher dispatcher, CreateSessionRequest body, IdempotencyKey? key)
    {
        var command = new CreateSession(http.Caller(), body.Title, body.FirstMessage, body.Metadata, IdempotencyKey: key);
        return (await dispatcher.Send(command, http.RequestAborted)).Then(ResultExtensions.Created);
    }

    private static async Task<IResult> List(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new SessionList(
            query.Sort(),
            query.Order(SortOrder.Descending),
            query.Choice("archived", ("false", ArchivedFilter.Exclude), ("true", ArchivedFilter.Only), ("any", ArchivedFilter.Any)),
            query.From("startDate"),
            query.To("endDate"));
        var request = new ListSessions(
            http.Caller(), list, query.Number("limit", MaxLimit, DefaultLimit), query.Text("cursor"), Memory: http.Memory());
        if (query.ProblemOrUnknown is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<SessionsResponse>(
            new(page.Sessions, page.Sessions.Count, page.NextCursor, null), OrionJson.Answers.SessionsResponse));
    }

    private static async Task<IResult> Get(HttpContext http, IDispatcher dispatcher) =>
        (await dispatcher.Send(new GetSession(http.Caller(), http.Session()), http.RequestAborted)).Then(ResultExtensions.Ok);

    private static async Task<IResult> Change(HttpContext http, IDispatcher dispatcher, UpdateSessionRequest body)
    {
        var expected = IfMatchHeader.Read(http.Request);
        var command = new UpdateSession(http.Caller(), http.Session(), expected, body.Title, body.Archived, body.Metadata);
        return (await dispatcher.Send(command, http.RequestAborted)).Then(ResultExtensions.Ok);
    }

    private static async Task<IResult> Delete(HttpContext http, IDispatcher dispatcher)
    {
        var command = new DeleteSession(http.Caller(), http.Session(), IfMatchHeader.Read(http.Request));
        return (await dispatcher.Send(command, http.RequestAborted)).Then(() => NoContentResult.Instance);
    }
}

/// <summary>The words that lists share.</summary>
internal static class ListParameters
{
    internal static SessionSort Sort(this QueryReader query) =>
        query.Choice("sortBy", ("updatedAt", SessionSort.UpdatedAt), ("createdAt", SessionSort.CreatedAt));

    internal static SortOrder Order(this QueryReader query, SortOrder absent, string name = "sortOrder") => absent == SortOrder.Descending
        ? query.Choice(name, ("desc", SortOrder.Descending), ("asc", SortOrder.Ascending))
        : query.Choice(name, ("asc", SortOrder.Ascending), ("desc", SortOrder.Descending));
}

/// <summary><c>POST /api/sessions</c>.</summary>
/// <param name="Title">Its title; not blank.</param>
/// <param name="FirstMessage">Stored as message 1, by the user; a blank one counts as absent.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
internal sealed record CreateSessionRequest(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage,
    [property: JsonObject] string? Metadata) : IRequestBody<CreateSessionRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static CreateSessionRequest Read(JsonObjectReader members) =>
        new(members.Text("title"), members.Text("firstMessage"), members.Object("metadata"));
}

/// <summary><c>PATCH /api/sessions/{sessionId}</c>.</summary>
/// <param name="Title">Its new title; not blank.</param>
/// <param name="Archived">Whether it is archived.</param>
/// <param name="Metadata">What takes the place of its metadata.</param>
internal sealed record UpdateSessionRequest(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    bool? Archived,
    [property: JsonObject] string? Metadata) : IRequestBody<UpdateSessionRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static UpdateSessionRequest Read(JsonObjectReader members) =>
        new(members.Text("title"), members.Flag("archived"), members.Object("metadata"));
}

/// <summary>Sessions in the order of the list.</summary>
/// <param name="Sessions">The sessions.</param>
/// <param name="Count">How many these are.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; missing after the last one.</param>
/// <param name="Truncated">True where an answer of 4 MiB could not hold all that was asked for.</param>
internal sealed record SessionsResponse(IReadOnlyList<SessionView> Sessions, int Count, string? NextCursor, bool? Truncated);
