using System.ComponentModel.DataAnnotations;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Api.Sessions;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Api.Messages;

/// <summary>The resource routes of messages.</summary>
internal static class MessageEndpoints
{
    internal const int DefaultLimit = 100;
    private const string Path = $"{SessionEndpoints.Path}/{SessionEndpoints.IdInPath}/messages";

    internal static void MapMessages(this IEndpointRouteBuilder routes)
    {
        routes.MapRead(Path, List).WithMetadata(MessageDescriptions.List, new AcceptsSessionTokenAttribute());
        routes.MapIdempotent<AppendMessageRequest>(Path, Append)
            .WithMetadata(MessageDescriptions.Append, new AcceptsSessionTokenAttribute());
        routes.MapRead($"{Path}/{{messageId}}", Get).WithMetadata(MessageDescriptions.Get, new AcceptsSessionTokenAttribute());
    }

    private static async Task<IResult> List(HttpContext http, IDispatcher dispatcher)
    {
        var query = new QueryReader(http.Request.Query);
        var list = new MessageList(http.Session(), query.Order(SortOrder.Ascending, "order"));
        var request = new ListMessages(
            http.Caller(), list, query.Number("limit", ListMessages.MaxLimit, DefaultLimit), query.Text("cursor"), Memory: http.Memory());
        if (query.ProblemOrUnknown is { } problem) return new ProblemResult(Problems.From(problem));

        return (await dispatcher.Send(request, http.RequestAborted)).Then(page => new JsonResult<MessagesResponse>(
            new(page.Messages, page.Messages.Count, page.NextCursor, null), OrionJson.Answers.MessagesResponse));
    }

    private static async Task<IResult> Append(HttpContext http, IDispatcher dispatcher, AppendMessageRequest body, IdempotencyKey? key)
    {
        var command = new AppendMessage(http.Caller(), http.Session(), body.Role, body.Content, body.Metadata, IdempotencyKey: key);
        return (await dispatcher.Send(command, http.RequestAborted)).Then(ResultExtensions.Created);
    }

    private static async Task<IResult> Get(HttpContext http, IDispatcher dispatcher)
    {
        var message = MessageId.Parse((string?)http.GetRouteValue("messageId")) ?? MessageId.Unassigned;
        return (await dispatcher.Send(new GetMessage(http.Caller(), http.Session(), message, http.Memory()), http.RequestAborted)).Then(ResultExtensions.Ok);
    }
}

/// <summary><c>POST /api/sessions/{sessionId}/messages</c>.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said.</param>
/// <param name="Metadata">What the client keeps beside it.</param>
internal sealed record AppendMessageRequest(
    [property: Required, AllowedValues(MessageRoles.User, MessageRoles.Assistant)] string? Role,
    [property: Required, MinLength(1), MaxLength(MessageContent.MaxLength)] string? Content,
    [property: JsonObject] string? Metadata) : IRequestBody<AppendMessageRequest>
{
    public static bool RejectsUnknownMembers => true;

    public static AppendMessageRequest Read(JsonObjectReader members) =>
        new(members.Text("role"), members.Text("content"), members.Object("metadata"));
}

/// <summary>Messages in the order of the list.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Count">How many these are.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; missing after the last one.</param>
/// <param name="Truncated">True where an answer of 4 MiB could not hold all messages: then these are the newest.</param>
internal sealed record MessagesResponse(IReadOnlyList<MessageView> Messages, int Count, string? NextCursor, bool? Truncated);
