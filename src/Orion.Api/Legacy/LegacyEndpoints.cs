using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Api.Messages;
using Orion.Api.OpenApi;
using Orion.Api.Sessions;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Legacy;

/// <summary>
/// The routes of the service that Orion replaces ("Phase 1"). They run the same commands and queries as the current routes. Each path is
/// mapped for all methods, so that a wrong method is 405 instead of matching the route of a session.
/// </summary>
internal static class LegacyEndpoints
{
    private const string CreatePath = $"{SessionEndpoints.Path}/create";
    private const string ListPath = $"{SessionEndpoints.Path}/list";
    private const string MessagesPath = $"{SessionEndpoints.Path}/messages";
    private const string SaveMessagePath = $"{SessionEndpoints.Path}/save-message";
    private const string DeletePath = $"{SessionEndpoints.Path}/delete";
    private const int DefaultLimit = 100;

    private static readonly QueryParameter UserId = new("userId", "If present, it must be the caller.") { MaxLength = EmailAddress.MaxLength };

    internal static void MapLegacy(this IEndpointRouteBuilder routes)
    {
        var legacy = routes.MapGroup("").WithTags("Phase 1");

        legacy.MapIdempotent<LegacyCreateRequest>(CreatePath, Create)
            .WithName("phase1Create")
            .WithSummary("Create a session")
            .WithDescription("Like `createSession`. If `firstMessage` is the caller's own address, it counts as absent.")
            .WithMetadata(UserId)
            .Produces<SessionView>(201)
            .WithMetadata(SessionEndpoints.ETag);

        legacy.MapRead(ListPath, List)
            .WithName("phase1List")
            .WithSummary("List the sessions that are not archived")
            .WithDescription(
                $"Like `listSessions`, without paging. `truncated` is true if the response was cut at {ResponseSize.MaxBytes >> 20} MiB.")
            .WithMetadata(
                [UserId, .. ListParameters.DateRange, ListParameters.Limit(ListSessions.MaxLimit, DefaultLimit), .. ListParameters.Ordering])
            .Produces<SessionsResponse>()
            .ProducesProblems(400);

        legacy.MapRead(MessagesPath, ListMessages)
            .WithName("phase1ListMessages")
            .WithSummary("Get all messages of a session, oldest first")
            .WithDescription(
                $"If they exceed {ResponseSize.MaxBytes >> 20} MiB, the response contains the newest messages that fit, and `truncated` is true.")
            .WithMetadata(
                new AcceptsSessionTokenAttribute(),
                UserId,
                new QueryParameter("sessionId", "The id of the session.") { Required = true, Format = "uuid" })
            .Produces<MessagesResponse>()
            .ProducesProblems(400, 404);

        legacy.MapIdempotent<LegacySaveMessageRequest>(SaveMessagePath, SaveMessage)
            .WithName("phase1SaveMessage")
            .WithSummary("Append a message")
            .WithDescription("Like `appendMessage`.")
            .WithMetadata(new AcceptsSessionTokenAttribute(), UserId)
            .Produces<MessageView>(201)
            .ProducesProblems(404);

        legacy.MapWrite<LegacyDeleteRequest>(HttpMethods.Post, DeletePath, Delete)
            .WithName("phase1Delete")
            .WithSummary("Delete a session")
            .WithDescription("Like `deleteSession`.")
            .WithMetadata(UserId)
            .Produces<DeletedResponse>()
            .ProducesProblems(404);

        foreach (var path in new[] { CreatePath, SaveMessagePath, DeletePath }) routes.MapMethodNotAllowed(path, "POST");
        foreach (var path in new[] { ListPath, MessagesPath }) routes.MapMethodNotAllowed(path, "GET, HEAD");
    }

    private static async Task<IResult> Create(HttpContext http, IDispatcher dispatcher, LegacyCreateRequest body, IdempotencyKey? key)
    {
        var (user, problem) = NamedUser(http, body.UserId);
        if (problem is not null) return new ProblemResult(problem);

        // The existing client has a defect: it sends the user's address as the first message.
        var caller = http.Caller();
        var isOwnAddress = EmailAddress.TryParse(body.FirstMessage, out var address) && address == caller.Email;
        var command = new CreateSession(caller, Title: null, isOwnAddress ? null : body.FirstMessage, Metadata: null, user, key);
        return (await dispatcher.Send(command, http.RequestAborted)).Then(ResultExtensions.Created);
    }

    private static async Task<IResult> List(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new SessionList(
            query.Sort(), query.Order(SortOrder.Descending), ArchivedFilter.Exclude, query.From("startDate"), query.To("endDate"));
        var request = new ListSessions(
            http.Caller(), list, query.Number("limit", ListSessions.MaxLimit, DefaultLimit), Cursor: null, query.Text("userId"), http.Memory());
        if (query.Problem is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<SessionsResponse>(
            new(page.Sessions, page.Sessions.Count, null, Truncated(page.End)), OrionJson.Responses.SessionsResponse));
    }

    private static async Task<IResult> ListMessages(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var session = query.Required("sessionId");

        // Newest first: if not all messages fit, the response contains the newest ones.
        var list = new MessageList(SessionId.Parse(session) ?? SessionId.Unassigned, SortOrder.Descending);
        var request = new Application.Sessions.ListMessages(http.Caller(), list, Limit: null, Cursor: null, query.Text("userId"), http.Memory());
        if (query.Problem is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<MessagesResponse>(
            new([.. page.Messages.Reverse()], page.Messages.Count, null, Truncated(page.End)), OrionJson.Responses.MessagesResponse));
    }

    private static async Task<IResult> SaveMessage(HttpContext http, IDispatcher dispatcher, LegacySaveMessageRequest body, IdempotencyKey? key)
    {
        var (user, problem) = NamedUser(http, body.UserId);
        if (problem is not null) return new ProblemResult(problem);

        var session = SessionId.Parse(body.SessionId) ?? SessionId.Unassigned;
        var command = new AppendMessage(http.Caller(), session, body.Role, body.Content, body.Metadata, user, key);
        return (await dispatcher.Send(command, http.RequestAborted)).Then(ResultExtensions.Created);
    }

    private static async Task<IResult> Delete(HttpContext http, IDispatcher dispatcher, LegacyDeleteRequest body)
    {
        var (user, problem) = NamedUser(http, body.UserId);
        if (problem is not null) return new ProblemResult(problem);

        var session = SessionId.Parse(body.SessionId) ?? SessionId.Unassigned;
        var command = new DeleteSession(http.Caller(), session, ExpectedVersions.Any, user);
        return (await dispatcher.Send(command, http.RequestAborted)).Then(() => new JsonResult<DeletedResponse>(
            new(true, "The session was deleted."), OrionJson.Responses.DeletedResponse));
    }

    // The userId of the body and that of the query must both be the caller. Returns the one that is not.
    private static (string? User, Problem? Problem) NamedUser(HttpContext http, string? inBody)
    {
        var query = new QueryReader(http.Request.Query);
        var inQuery = query.Text("userId");
        if (query.Problem is { } problem) return (null, Problems.From(problem));

        var isCaller = inQuery is null || (EmailAddress.TryParse(inQuery, out var address) && address == http.Caller().Email);
        return (isCaller ? inBody : inQuery, null);
    }

    private static bool? Truncated(PageEnd end) => end == PageEnd.Size ? true : null;
}

/// <summary><c>POST /api/sessions/create</c>.</summary>
/// <param name="UserId">If present, it must be the caller.</param>
/// <param name="FirstMessage">Becomes message 1, with the role <c>user</c>. Blank text counts as absent.</param>
internal sealed record LegacyCreateRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage) : IRequestBody<LegacyCreateRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacyCreateRequest Read(JsonObjectReader members) => new(members.Text("userId"), members.Text("firstMessage"));
}

/// <summary><c>POST /api/sessions/save-message</c>.</summary>
/// <param name="UserId">If present, it must be the caller.</param>
/// <param name="SessionId">The id of the session.</param>
/// <param name="Role">The author of the message.</param>
/// <param name="Content">The text of the message.</param>
/// <param name="Metadata">Data of the client.</param>
internal sealed record LegacySaveMessageRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId,
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    [property: JsonObject] string? Metadata) : IRequestBody<LegacySaveMessageRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacySaveMessageRequest Read(JsonObjectReader members) => new(
        members.Text("userId"), members.Required("sessionId"), members.Text("role"), members.Text("content"), members.Object("metadata"));
}

/// <summary><c>POST /api/sessions/delete</c>.</summary>
/// <param name="UserId">If present, it must be the caller.</param>
/// <param name="SessionId">The id of the session.</param>
internal sealed record LegacyDeleteRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId) : IRequestBody<LegacyDeleteRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacyDeleteRequest Read(JsonObjectReader members) => new(members.Text("userId"), members.Required("sessionId"));
}

/// <summary>The result of <c>POST /api/sessions/delete</c>.</summary>
/// <param name="Success">Always true.</param>
/// <param name="Message">A message for people.</param>
internal sealed record DeletedResponse(bool Success, string Message);
