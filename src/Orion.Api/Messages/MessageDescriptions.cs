using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Api.Sessions;
using Orion.Application.Sessions;

namespace Orion.Api.Messages;

/// <summary>The resource routes of messages in the OpenAPI document.</summary>
internal static class MessageDescriptions
{
    private const string Tag = "Messages";

    internal static RouteDescription List { get; } = new(
        "listMessages", Tag, "List a session's messages", "By sequence. A page ends early where it would pass 4 MiB.")
    {
        Answer = typeof(MessagesResponse),
        Refusals = [400, 404],
        Query =
        [
            SessionDescriptions.Limit(ListMessages.MaxLimit, MessageEndpoints.DefaultLimit),
            SessionDescriptions.Cursor,
            new("order", "Which way by sequence.") { Words = ["asc", "desc"] },
        ],
    };

    internal static RouteDescription Append { get; } = new(
        "appendMessage", Tag, "Append a message", "It gets the next sequence of its session, without gaps, whatever runs at once.")
    {
        Status = StatusCodes.Status201Created,
        Answer = typeof(MessageView),
        Headers = [IdempotencyKeys.HeaderName],
        AnswerHeaders = [IdempotencyKeys.ReplayedHeaderName, "Location"],
        Refusals = [404, 409, 422],
    };

    internal static RouteDescription Get { get; } = new("getMessage", Tag, "Read a message", "A message never changes.")
    {
        Answer = typeof(MessageView),
        Refusals = [404],
    };
}
