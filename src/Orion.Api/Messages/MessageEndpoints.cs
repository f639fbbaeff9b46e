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
