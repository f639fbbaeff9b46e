using Orion.Api.Http;
using Orion.Api.Messages;
using Orion.Api.OpenApi;
using Orion.Api.Sessions;
using Orion.Application.Sessions;
using Orion.Domain.Users;

namespace Orion.Api.Legacy;

/// <summary>The Phase 1 routes in the OpenAPI document.</summary>
internal static class LegacyDescriptions
{
    private const string Tag = "Phase 1";

    private static readonly QueryParameter UserId = new("userId", "Where given, it must be the caller.") { MaxLength = EmailAddress.MaxLength };

    internal static RouteDescription Create { get; } = new(
        "phase1Create", Tag, "Start a session", "As createSession; a firstMessage that is the caller's own address counts as absent.")
    {
        Status = StatusCodes.Status201Created,
        Answer = typeof(SessionView),
        Headers = [IdempotencyKeys.HeaderName],
        AnswerHeaders = [IdempotencyKeys.ReplayedHeaderName, "Location", "ETag"],
        Refusals = [409, 422],
        Query = [UserId],
    };

    internal static RouteDescription List { get; } = new(
        "phase1List", Tag, "List sessions that are not archived", "As listSessions, without pages; truncated tells where 4 MiB cut it.")
    {
        Answer = typeof(SessionsResponse),
        Refusals = [400],
        Query =
        [
            UserId,
            .. SessionDescriptions.Dates,
            SessionDescriptions.Limit(LegacyEndpoints.MaxLimit, LegacyEndpoints.DefaultLimit),
            .. SessionDescriptions.Order,
        ],
    };

    internal static RouteDescription ListMessages { get; } = new(
        "phase1ListMessages", Tag, "Read a whole session, oldest message first", "Where that is more than 4 MiB, the newest that fit, with truncated.")
    {
        Answer = typeof(MessagesResponse),
        Refusals = [400, 404],
        Query = [UserId, new("sessionId", "The session.") { Required = true, Format = "uuid" }],
    };

    internal static RouteDescription SaveMessage { get; } = new("phase1SaveMessage", Tag, "Append a message", "As appendMessage.")
    {
        Status = StatusCodes.Status201Created,
        Answer = typeof(MessageView),
        Headers = [IdempotencyKeys.HeaderName],
        AnswerHeaders = [IdempotencyKeys.ReplayedHeaderName, "Location"],
        Refusals = [404, 409, 422],
        Query = [UserId],
    };

    internal static RouteDescription Delete { get; } = new("phase1Delete", Tag, "Delete a session", "As deleteSession.")
    {
        Answer = typeof(DeletedResponse),
        Refusals = [404],
        Query = [UserId],
    };
}
