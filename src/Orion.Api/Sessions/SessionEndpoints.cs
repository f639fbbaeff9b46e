using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Api.Sessions;

/// <summary>The routes of sessions.</summary>
internal static class SessionEndpoints
{
    internal const string Path = "/api/sessions";
    internal const string IdInPath = "{sessionId}";

    internal static readonly ResponseHeader ETag = new("ETag", "The version of the session, in quotes.");

    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    private static readonly RequestHeader IfMatch = new(
        "If-Match", "The ETag of the version to change. If it is no longer the current version, the response is 412. Weak ETags are accepted.");

    internal static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("").WithTags("Sessions");

        sessions.MapIdempotent<CreateSessionRequest, SessionView>(Path, Create, ResultExtensions.Created)
            .WithName("createSession")
            .WithSummary("Create a session")
            .WithDescription(
                $"Without a title, the session is named after its first message: the first {SessionTitle.DerivedLength} characters. "
                + "The first message becomes message 1, with the role `user`. With `expiresAt`, the session is a temporary one: it is "
                + "deleted within an hour after that time.")
            .Produces<SessionView>(201)
            .WithMetadata(ETag);

        sessions.MapRead(Path, List)
            .WithName("listSessions")
            .WithSummary("List sessions")
            .WithDescription(
                "Follow `nextCursor` to read all pages: each session that does not change in the meantime occurs exactly once. "
                + $"A page is shorter if it would exceed {ResponseSize.MaxBytes >> 20} MiB.")
            .WithMetadata(
            [
                ListParameters.Limit(MaxLimit, DefaultLimit),
                ListParameters.Cursor,
                .. ListParameters.Ordering,
                .. ListParameters.DateRange,
                ListParameters.ArchivedSessions,
            ])
            .Produces<SessionsResponse>()
            .ProducesProblems(400);

        sessions.MapRead($"{Path}/{IdInPath}", Get)
            .WithName("getSession")
            .WithSummary("Get a session")
            .WithDescription("The current state of the session.")
            .WithMetadata(new AcceptsSessionTokenAttribute())
            .Produces<SessionView>()
            .WithMetadata(ETag)
            .ProducesProblems(404);

        sessions.MapWrite<UpdateSessionRequest, SessionView>(HttpMethods.Patch, $"{Path}/{IdInPath}", Change, ResultExtensions.Ok)
            .WithName("changeSession")
            .WithSummary("Rename, archive or restore a session, replace its metadata, or set when it expires")
            .WithDescription(
                "Only the given members are changed; null counts as absent, except for `expiresAt`. If no value changes, the version stays the same.")
            .WithMetadata(IfMatch)
            .Produces<SessionView>()
            .WithMetadata(ETag)
            .ProducesProblems(404, 412);

        sessions.MapIdempotent<ForkSessionRequest, SessionView>($"{Path}/{IdInPath}/forks", Fork, ResultExtensions.Created)
            .WithName("forkSession")
            .WithSummary("Fork a session")
            .WithDescription(
                "Creates a session with copies of the first messages, for example to edit a message or to ask again: fork before it, and go on "
                + "in the new session. The copies have new ids and the original timestamps. The metadata is "
                + "`{\"forkedFrom\": {\"sessionId\", \"sequence\"}}`. An archived session can be forked; the fork is not archived. The fork of a "
                + "temporary session has the same `expiresAt`. A reply that is running has no message yet. "
                + $"More than {Domain.Sessions.Session.MaxForkMessages} messages or {Domain.Sessions.Session.MaxForkBytes >> 20} MiB: 413.")
            .Produces<SessionView>(201)
            .WithMetadata(ETag)
            .ProducesProblems(404);

        sessions.MapWrite(HttpMethods.Delete, $"{Path}/{IdInPath}", Delete)
            .WithName("deleteSession")
            .WithSummary("Delete a session")
            .WithDescription("Its messages are deleted too.")
            .WithMetadata(IfMatch)
            .Produces(204)
            .ProducesProblems(404, 412);
    }

    /// <summary>The id in the path.</summary>
    internal static SessionId Session(this HttpContext http) =>
        SessionId.Parse((string?)http.GetRouteValue("sessionId")) ?? SessionId.Unassigned;

    private static CreateSession Create(HttpContext http, JsonObjectReader body, IdempotencyKey? key) => new(
        http.Caller(),
        body.Text("title", SessionTitle.Parse),
        body.Text("firstMessage", MessageContent.ParseOptional),
        body.Metadata("metadata"),
        IdempotencyKey: key,
        Expiry: body.Expiry("expiresAt"));

    private static async Task<IResult> List(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new SessionList(
            query.Sort(),
            query.Order(SortOrder.Descending),
            query.Archived(),
            query.From("startDate"),
            query.To("endDate"));
        var request = new ListSessions(
            http.Caller(), list, query.Number("limit", MaxLimit, DefaultLimit), query.Text("cursor"), Memory: http.Memory());
        if (query.ProblemOrUnknown is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<SessionsResponse>(
            new(page.Sessions, page.Sessions.Count, page.NextCursor, null), OrionJson.Responses.SessionsResponse));
    }

    private static async Task<IResult> Get(HttpContext http, IDispatcher dispatcher) =>
        (await dispatcher.Send(new GetSession(http.Caller(), http.Session()), http.RequestAborted)).Then(ResultExtensions.Ok);

    private static UpdateSession Change(HttpContext http, JsonObjectReader body) => new(
        http.Caller(),
        http.Session(),
        IfMatchHeader.Read(http.Request),
        body.Text("title", SessionTitle.Parse),
        body.Boolean("archived"),
        body.Metadata("metadata"),
        body.IsNull("expiresAt") ? SessionExpiry.Never : body.Expiry("expiresAt"));

    private static ForkSession Fork(HttpContext http, JsonObjectReader body, IdempotencyKey? key) => new(
        http.Caller(), http.Session(), body.Number("throughSequence"), body.Text("title", SessionTitle.Parse), key);

    private static async Task<IResult> Delete(HttpContext http, IDispatcher dispatcher)
    {
        var command = new DeleteSession(http.Caller(), http.Session(), IfMatchHeader.Read(http.Request));
        return (await dispatcher.Send(command, http.RequestAborted)).Then(() => NoContentResult.Instance);
    }
}

/// <summary><c>POST /api/sessions</c>.</summary>
/// <param name="Title">The title. It must not be blank.</param>
/// <param name="FirstMessage">Becomes message 1, with the role <c>user</c>. Blank text counts as absent.</param>
/// <param name="Metadata">Data of the client.</param>
/// <param name="ExpiresAt">When the session expires: in the future, at most 400 days from now. Without it, the session does not expire.</param>
internal sealed record CreateSessionRequest(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage,
    Metadata? Metadata,
    DateTimeOffset? ExpiresAt) : IRequestBody
{
    public static bool RejectsUnknownMembers => true;
}

/// <summary><c>PATCH /api/sessions/{sessionId}</c>.</summary>
/// <param name="Title">The new title. It must not be blank.</param>
/// <param name="Archived">True to archive the session, false to restore it.</param>
/// <param name="Metadata">Replaces the metadata.</param>
/// <param name="ExpiresAt">When the session expires: in the future, at most 400 days from now. Null: it no longer expires.</param>
internal sealed record UpdateSessionRequest(
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title,
    bool? Archived,
    Metadata? Metadata,
    DateTimeOffset? ExpiresAt) : IRequestBody
{
    public static bool RejectsUnknownMembers => true;
}

/// <summary><c>POST /api/sessions/{sessionId}/forks</c>.</summary>
/// <param name="ThroughSequence">The sequence of the last message to copy. By default, all messages are copied.</param>
/// <param name="Title">The title. By default, it is the original's. It must not be blank.</param>
internal sealed record ForkSessionRequest(
    [property: Range(1, int.MaxValue)] int? ThroughSequence,
    [property: MinLength(1), MaxLength(SessionTitle.MaxLength)] string? Title) : IRequestBody
{
    public static bool RejectsUnknownMembers => true;
}

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">The sessions, in the requested order.</param>
/// <param name="Count">The number of sessions in this page.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page. Absent on the last page.</param>
/// <param name="Truncated">True if the response was cut at 4 MiB.</param>
internal sealed record SessionsResponse(IReadOnlyList<SessionView> Sessions, int Count, string? NextCursor, bool? Truncated);
