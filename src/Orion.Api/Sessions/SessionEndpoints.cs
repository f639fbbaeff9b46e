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
