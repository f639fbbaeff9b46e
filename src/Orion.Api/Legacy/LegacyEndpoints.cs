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
using Orion.Domain;
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

    internal static readonly QueryParameter UserId = new("userId", "If present, it must be the caller.") { MaxLength = EmailAddress.MaxLength };

    internal static void MapLegacy(this IEndpointRouteBuilder routes)
    {
        var legacy = routes.MapGroup("").WithTags("Phase 1");

        legacy.MapIdempotent<LegacyCreateRequest, SessionView>(CreatePath, Create, ResultExtensions.Created)
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

        legacy.MapIdempotent<LegacySaveMessageRequest, MessageView>(SaveMessagePath, SaveMessage, ResultExtensions.Created)
            .WithName("phase1SaveMessage")
            .WithSummary("Append a message")
            .WithDescription("Like `appendMessage`.")
            .WithMetadata(new AcceptsSessionTokenAttribute(), UserId)
            .Produces<MessageView>(201)
            .ProducesProblems(404);

        legacy.MapWrite<LegacyDeleteRequest>(HttpMethods.Post, DeletePath, Delete, Deleted)
            .WithName("phase1Delete")
            .WithSummary("Delete a session")
            .WithDescription("Like `deleteSession`.")
            .WithMetadata(UserId)
            .Produces<DeletedResponse>()
            .ProducesProblems(404);

        legacy.MapLegacyChat();

        foreach (var path in new[] { CreatePath, SaveMessagePath, DeletePath }) routes.MapMethodNotAllowed(path, "POST");
        foreach (var path in new[] { ListPath, MessagesPath }) routes.MapMethodNotAllowed(path, "GET, HEAD");
    }

    private static CreateSession Create(HttpContext http, JsonObjectReader body, IdempotencyKey? key)
    {
        // The existing client has a defect: it sends the user's address as the first message.
        var first = body.Text("firstMessage", MessageContent.ParseOptional);
        var isOwnAddress = first is { Error: null } && http.Caller().HasAddress(first.Value.Value);
        return new(http.Caller(), FirstMessage: isOwnAddress ? null : first, NamedUser: NamedUser(http, body), IdempotencyKey: key);
    }

    private static async Task<IResult> List(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new SessionList(
            query.Sort(), query.Order(SortOrder.Descending), ArchivedFilter.Exclude, query.From("startDate"), query.To("endDate"));
        var request = new ListSessions(
            http.Caller(), list, query.Number("limit", ListSessions.MaxLimit, DefaultLimit), Cursor: null, query.User(), http.Memory());
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
        var request = new Application.Sessions.ListMessages(http.Caller(), list, Limit: null, Cursor: null, query.User(), http.Memory());
        if (query.Problem is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<MessagesResponse>(
            new([.. page.Messages.Reverse()], page.Messages.Count, null, Truncated(page.End)), OrionJson.Responses.MessagesResponse));
    }

    private static AppendMessage SaveMessage(HttpContext http, JsonObjectReader body, IdempotencyKey? key) => new(
        http.Caller(),
        body.SessionId("sessionId"),
        body.Text("role", MessageRoles.Parse),
        body.Text("content", MessageContent.Parse),
        body.Metadata("metadata"),
        NamedUser(http, body),
        key);

    private static DeleteSession Delete(HttpContext http, JsonObjectReader body) =>
        new(http.Caller(), body.SessionId("sessionId"), ExpectedVersions.Any, NamedUser(http, body));

    private static JsonResult<DeletedResponse> Deleted() => new(new(true, "The session was deleted."), OrionJson.Responses.DeletedResponse);

    // The body and the query can both name the user. The command checks the one that is invalid or names another user.
    internal static Result<string>? NamedUser(HttpContext http, JsonObjectReader body)
    {
        var inBody = body.Text("userId");
        var inQuery = new QueryReader(http.Request.Query).User();
        if (inQuery is null || inBody?.Error is not null) return inBody;
        var isCaller = inQuery.Error is null && http.Caller().HasAddress(inQuery.Value);
        return isCaller ? inBody : inQuery;
    }

    private static bool? Truncated(PageEnd end) => end == PageEnd.Size ? true : null;
}

/// <summary><c>POST /api/sessions/create</c>.</summary>
/// <param name="UserId">If present, it must be the caller.</param>
/// <param name="FirstMessage">Becomes message 1, with the role <c>user</c>. Blank text counts as absent.</param>
internal sealed record LegacyCreateRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage) : IRequestBody
{
    public static bool RejectsUnknownMembers => false;
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
    Metadata? Metadata) : IRequestBody
{
    public static bool RejectsUnknownMembers => false;
}

/// <summary><c>POST /api/sessions/delete</c>.</summary>
/// <param name="UserId">If present, it must be the caller.</param>
/// <param name="SessionId">The id of the session.</param>
internal sealed record LegacyDeleteRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId) : IRequestBody
{
    public static bool RejectsUnknownMembers => false;
}

/// <summary>The result of <c>POST /api/sessions/delete</c>.</summary>
/// <param name="Success">Always true.</param>
/// <param name="Message">A message for people.</param>
internal sealed record DeletedResponse(bool Success, string Message);
