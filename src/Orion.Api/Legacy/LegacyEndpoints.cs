using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Api.Messages;
using Orion.Api.Sessions;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Legacy;

/// <summary>
/// The routes of the service that Orion replaces: other doors to the same commands and queries. Each path takes all methods,
/// so that a wrong one is 405 and never a session that is called <c>create</c>.
/// </summary>
internal static class LegacyEndpoints
{
    internal const int DefaultLimit = 100;
    internal const int MaxLimit = ListSessions.MaxLimit;

    private const string CreatePath = $"{SessionEndpoints.Path}/create";
    private const string ListPath = $"{SessionEndpoints.Path}/list";
    private const string MessagesPath = $"{SessionEndpoints.Path}/messages";
    private const string SaveMessagePath = $"{SessionEndpoints.Path}/save-message";
    private const string DeletePath = $"{SessionEndpoints.Path}/delete";

    internal static void MapLegacy(this IEndpointRouteBuilder routes)
    {
        routes.MapIdempotent<LegacyCreateRequest>(CreatePath, Create).WithMetadata(LegacyDescriptions.Create);
        routes.MapRead(ListPath, List).WithMetadata(LegacyDescriptions.List);
        routes.MapRead(MessagesPath, ListMessages).WithMetadata(LegacyDescriptions.ListMessages, new AcceptsSessionTokenAttribute());
        routes.MapIdempotent<LegacySaveMessageRequest>(SaveMessagePath, SaveMessage)
            .WithMetadata(LegacyDescriptions.SaveMessage, new AcceptsSessionTokenAttribute());
        routes.MapWrite<LegacyDeleteRequest>(HttpMethods.Post, DeletePath, Delete).WithMetadata(LegacyDescriptions.Delete);

        foreach (var path in new[] { CreatePath, SaveMessagePath, DeletePath }) routes.MapOtherMethods(path, "POST");
        foreach (var path in new[] { ListPath, MessagesPath }) routes.MapOtherMethods(path, "GET, HEAD");
    }

    private static async Task<IResult> Create(HttpContext http, IDispatcher dispatcher, LegacyCreateRequest body, IdempotencyKey? key)
    {
        var (user, problem) = NamedUser(http, body.UserId);
        if (problem is not null) return new ProblemResult(problem);

        // A slip of the existing client: it sends the person's address where the first message belongs.
        var caller = http.Caller();
        var isSlip = EmailAddress.TryParse(body.FirstMessage, out var address) && address == caller.Email;
        var command = new CreateSession(caller, Title: null, isSlip ? null : body.FirstMessage, Metadata: null, user, key);
        return (await dispatcher.Send(command, http.RequestAborted)).Then(ResultExtensions.Created);
    }

    private static async Task<IResult> List(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new SessionList(
            query.Sort(), query.Order(SortOrder.Descending), ArchivedFilter.Exclude, query.From("startDate"), query.To("endDate"));
        var request = new ListSessions(
            http.Caller(), list, query.Number("limit", MaxLimit, DefaultLimit), Cursor: null, query.Text("userId"), http.Memory());
        if (query.Problem is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<SessionsResponse>(
            new(page.Sessions, page.Sessions.Count, null, Truncated(page.End)), OrionJson.Answers.SessionsResponse));
    }

    private static async Task<IResult> ListMessages(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var session = query.Required("sessionId");

        // From the newest on, so that where all is too much, the newest are there.
        var list = new MessageList(SessionId.Parse(session) ?? SessionId.Unassigned, SortOrder.Descending);
        var request = new Application.Sessions.ListMessages(http.Caller(), list, Limit: null, Cursor: null, query.Text("userId"), http.Memory());
        if (query.Problem is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<MessagesResponse>(
            new([.. page.Messages.Reverse()], page.Messages.Count, null, Truncated(page.End)), OrionJson.Answers.MessagesResponse));
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
            new(true, "The session was deleted."), OrionJson.Answers.DeletedResponse));
    }

    // A body's userId and a query's must both be the caller; the one that is not decides.
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
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="FirstMessage">Stored as message 1, by the user; a blank one counts as absent.</param>
internal sealed record LegacyCreateRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: MaxLength(MessageContent.MaxLength)] string? FirstMessage) : IRequestBody<LegacyCreateRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacyCreateRequest Read(JsonObjectReader members) => new(members.Text("userId"), members.Text("firstMessage"));
}

/// <summary><c>POST /api/sessions/save-message</c>.</summary>
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
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
/// <param name="UserId">Where given, it must be the caller.</param>
/// <param name="SessionId">The session.</param>
internal sealed record LegacyDeleteRequest(
    [property: MaxLength(EmailAddress.MaxLength)] string? UserId,
    [property: Required] string? SessionId) : IRequestBody<LegacyDeleteRequest>
{
    public static bool RejectsUnknownMembers => false;

    public static LegacyDeleteRequest Read(JsonObjectReader members) => new(members.Text("userId"), members.Required("sessionId"));
}

/// <summary>A session was deleted.</summary>
/// <param name="Success">Always true.</param>
/// <param name="Message">The same in words.</param>
internal sealed record DeletedResponse(bool Success, string Message);
