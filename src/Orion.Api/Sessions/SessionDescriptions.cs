using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Application.Sessions;

namespace Orion.Api.Sessions;

/// <summary>The resource routes of sessions in the OpenAPI document.</summary>
internal static class SessionDescriptions
{
    private const string Tag = "Sessions";

    // What ListCursor writes is shorter; the contract leaves room.
    private const int MaxCursorLength = 256;

    internal static QueryParameter Cursor { get; } =
        new("cursor", "Where the page before ended: its nextCursor, with the same order and filter.") { MaxLength = MaxCursorLength };

    internal static QueryParameter[] Order { get; } =
    [
        new("sortBy", "What the list is ordered by.") { Words = ["updatedAt", "createdAt"] },
        new("sortOrder", "Which way.") { Words = ["desc", "asc"] },
    ];

    internal static QueryParameter[] Dates { get; } =
    [
        new("startDate", "Sessions created then or later.") { Format = "date-time" },
        new("endDate", "Sessions created then or earlier; in milliseconds it covers its whole millisecond.") { Format = "date-time" },
    ];

    internal static RouteDescription Create { get; } = new(
        "createSession", Tag, "Start a session",
        "Without a title the first message names it: its first 50 characters. The first message is stored as message 1, by the user.")
    {
        Status = StatusCodes.Status201Created,
        Answer = typeof(SessionView),
        Headers = [IdempotencyKeys.HeaderName],
        AnswerHeaders = [IdempotencyKeys.ReplayedHeaderName, "Location", "ETag"],
        Refusals = [409, 422],
    };

    internal static RouteDescription List { get; } = new(
        "listSessions", Tag, "List sessions",
        "Paging through with nextCursor shows every session that does not change meanwhile exactly once. A page ends early where it would pass 4 MiB.")
    {
        Answer = typeof(SessionsResponse),
        Refusals = [400],
        Query =
        [
            Limit(SessionEndpoints.MaxLimit, SessionEndpoints.DefaultLimit),
            Cursor,
            .. Order,
            .. Dates,
            new("archived", "Whether archived sessions are left out, shown alone, or shown too.") { Words = ["false", "true", "any"] },
        ],
    };

    internal static RouteDescription Get { get; } = new("getSession", Tag, "Read a session", "The session as it is now.")
    {
        Answer = typeof(SessionView),
        AnswerHeaders = ["ETag"],
        Refusals = [404],
    };

    internal static RouteDescription Change { get; } = new(
        "changeSession", Tag, "Rename, archive, restore or describe a session",
        "Replaces what is given; null means not given. A change that changes nothing changes nothing, the version included.")
    {
        Answer = typeof(SessionView),
        Headers = ["If-Match"],
        AnswerHeaders = ["ETag"],
        Refusals = [404, 412],
    };

    internal static RouteDescription Delete { get; } = new("deleteSession", Tag, "Delete a session", "Its messages go with it.")
    {
        Status = StatusCodes.Status204NoContent,
        Headers = ["If-Match"],
        Refusals = [404, 412],
    };

    internal static QueryParameter Limit(int max, int absent) => new("limit", "How many at the most.") { Max = max, Default = absent };
}
