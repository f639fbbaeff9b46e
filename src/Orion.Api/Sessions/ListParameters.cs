using Orion.Api.Http;
using Orion.Api.OpenApi;
using Orion.Application.Sessions;

namespace Orion.Api.Sessions;

/// <summary>The query parameters that several lists share.</summary>
internal static class ListParameters
{
    internal static readonly QueryParameter Cursor =
        new("cursor", "The `nextCursor` of the previous page. The order and the filter must be the same.") { MaxLength = ListCursor.MaxLength };

    internal static readonly QueryParameter[] Ordering =
    [
        new("sortBy", "The time to order by.") { AllowedValues = ["updatedAt", "createdAt"] },
        new("sortOrder", "Newest first (`desc`) or oldest first (`asc`).") { AllowedValues = ["desc", "asc"] },
    ];

    internal static readonly QueryParameter[] DateRange =
    [
        Time("startDate", "Only sessions created at or after this time.", "2026-01-01T00:00:00Z"),
        Time("endDate", "Only sessions created at or before this time. A time in milliseconds includes its whole millisecond.", "2026-12-31T23:59:59.999Z"),
    ];

    internal static readonly QueryParameter ArchivedSessions =
        new("archived", "Whether to leave out archived sessions (`false`), return only those (`true`), or return all (`any`).") { AllowedValues = ["false", "true", "any"] };

    internal static QueryParameter Limit(int max, int defaultValue) =>
        new("limit", "The maximum number of items.") { Max = max, Default = defaultValue };

    private static QueryParameter Time(string name, string description, string example) =>
        new(name, description) { Format = "date-time", Example = example };

    internal static SessionSort Sort(this QueryReader query) =>
        query.Choice("sortBy", ("updatedAt", SessionSort.UpdatedAt), ("createdAt", SessionSort.CreatedAt));

    internal static ArchivedFilter Archived(this QueryReader query) =>
        query.Choice("archived", ("false", ArchivedFilter.Exclude), ("true", ArchivedFilter.Only), ("any", ArchivedFilter.Any));

    internal static SortOrder Order(this QueryReader query, SortOrder defaultValue, string name = "sortOrder") => defaultValue == SortOrder.Descending
        ? query.Choice(name, ("desc", SortOrder.Descending), ("asc", SortOrder.Ascending))
        : query.Choice(name, ("asc", SortOrder.Ascending), ("desc", SortOrder.Descending));
}
