using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Api.Sessions;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Api.Messages;

/// <summary>The routes of a session's messages.</summary>
internal static class MessageEndpoints
{
    private const string Path = $"{SessionEndpoints.Path}/{SessionEndpoints.IdInPath}/messages";
    private const int DefaultLimit = 100;

    internal static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("").WithTags("Messages");

        messages.MapRead(Path, List)
            .WithName("listMessages")
            .WithSummary("List the messages of a session")
            .WithDescription($"Ordered by `sequence`. A page is shorter if it would exceed {ResponseSize.MaxBytes >> 20} MiB.")
            .WithMetadata(new AcceptsSessionTokenAttribute())
            .WithMetadata(
                ListParameters.Limit(ListMessages.MaxLimit, DefaultLimit),
                ListParameters.Cursor,
                new QueryParameter("order", "Oldest first (`asc`) or newest first (`desc`).") { AllowedValues = ["asc", "desc"] })
            .Produces<MessagesResponse>()
            .ProducesProblems(400, 404);

        messages.MapIdempotent<AppendMessageRequest, MessageView>(Path, Append, ResultExtensions.Created)
            .WithName("appendMessage")
            .WithSummary("Append a message")
            .WithDescription("The message gets the next `sequence` of its session, without gaps, even if several requests append at the same time.")
            .WithMetadata(new AcceptsSessionTokenAttribute())
            .Produces<MessageView>(201)
            .ProducesProblems(404);

        messages.MapRead($"{Path}/{{messageId}}", Get)
            .WithName("getMessage")
            .WithSummary("Get a message")
            .WithDescription("Messages do not change.")
            .WithMetadata(new AcceptsSessionTokenAttribute())
            .Produces<MessageView>()
            .ProducesProblems(404);
    }

    private static async Task<IResult> List(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new MessageList(http.Session(), query.Order(SortOrder.Ascending, "order"));
        var request = new ListMessages(
            http.Caller(), list, query.Number("limit", ListMessages.MaxLimit, DefaultLimit), query.Text("cursor"), Memory: http.Memory());
        if (query.ProblemOrUnknown is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<MessagesResponse>(
            new(page.Messages, page.Messages.Count, page.NextCursor, null), OrionJson.Responses.MessagesResponse));
    }

    private static AppendMessage Append(HttpContext http, JsonObjectReader body, IdempotencyKey? key) => new(
        http.Caller(),
        http.Session(),
        body.Text("role", MessageRoles.Parse),
        body.Text("content", MessageContent.Parse),
        body.Metadata("metadata"),
        IdempotencyKey: key);

    private static async Task<IResult> Get(HttpContext http, IDispatcher dispatcher)
    {
        var message = MessageId.Parse((string?)http.GetRouteValue("messageId")) ?? MessageId.Unassigned;
        var request = new GetMessage(http.Caller(), http.Session(), message, http.Memory());
        return (await dispatcher.Send(request, http.RequestAborted)).Then(ResultExtensions.Ok);
    }
}

/// <summary><c>POST /api/sessions/{sessionId}/messages</c>.</summary>
/// <param name="Role">The author of the message.</param>
/// <param name="Content">The text of the message.</param>
/// <param name="Metadata">Data of the client.</param>
internal sealed record AppendMessageRequest(
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    Metadata? Metadata) : IRequestBody
{
    public static bool RejectsUnknownMembers => true;
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">The messages, in the requested order.</param>
/// <param name="Count">The number of messages in this page.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page. Absent on the last page.</param>
/// <param name="Truncated">True if the response was cut at 4 MiB. It then contains the newest messages.</param>
internal sealed record MessagesResponse(IReadOnlyList<MessageView> Messages, int Count, string? NextCursor, bool? Truncated);
