using Orion.Application.Messaging;
using Orion.Application.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// The SQL of a list of sessions, on both databases. A page reads about as many rows as it returns, whatever the database knows about its
/// data (docs/adr/0010-lists-of-sessions-are-read-past-ef-core.md). This is what determines the text of a statement; everything else is in
/// its parameters.
/// </summary>
internal readonly record struct SessionListSql(
    SessionSort Sort, SortOrder Order, ArchivedFilter Archived, bool HasFrom, bool HasTo, bool HasPosition, bool HasScope)
{
    internal static SessionListSql For(SessionList list, SessionPosition? after, Caller caller) =>
        new(list.Sort, list.Order, list.Archived, list.From is not null, list.To is not null, after is not null, caller.Scope is not null);

    /// <summary>The values of $1, $2 and so on: a <see cref="Guid"/>, an <see cref="int"/> or a <see cref="DateTimeOffset"/> each.</summary>
    internal static IEnumerable<object> Parameters(SessionList list, SessionPosition? after, int limit, Caller caller)
    {
        yield return caller.Id.Value;
        yield return limit;
        if (caller.Scope is { } only) yield return only.Value;
        if (list.From is { } from) yield return from;
        if (list.To is { } to) yield return to;
        if (after is not { } position) yield break;
        yield return position.At;
        yield return position.Id.Value;
    }

    /// <summary>The statement, with numbered parameters in the order of <see cref="Parameters"/>.</summary>
    /// <param name="columns">The columns to read.</param>
    /// <param name="limitsParts">
    /// Whether current and archived sessions, where both are in the list, are each ordered and limited before they are merged. PostgreSQL
    /// sorts them all otherwise. SQLite merges without it, and sorts a page needlessly with it.
    /// </param>
    internal string Text(string columns, bool limitsParts)
    {
        var number = 2;
        var scope = HasScope ? $" AND id = ${++number}" : "";
        var from = HasFrom ? $"${++number}" : null;
        var to = HasTo ? $"${++number}" : null;
        var (sort, isSortedByCreation) = Sort == SessionSort.CreatedAt ? ("created_at", true) : ("updated_at", false);
        var (direction, behind) = Order == SortOrder.Descending ? ("DESC", "<") : ("ASC", ">");
        // PostgreSQL takes the limit of a subquery for a tenth of the rows, in every kind of plan. For a limit that it knows, it reads and
        // sorts all rows of an owner if it believes that they are not many more.
        var order = $" ORDER BY {sort} {direction}, id {direction} LIMIT (SELECT $2)";

        List<string> dates = [];
        if (from is not null) dates.Add($"created_at >= {from}");
        if (to is not null) dates.Add($"created_at <= {to}");
        List<string> position = HasPosition ? [$"({sort}, id) {behind} (${++number}, ${++number})"] : [];

        if (HasScope)
        {
            // One row, by its key: the filters must not make another index look as good.
            List<string> archived = Archived switch
            {
                ArchivedFilter.Exclude => ["archived_at IS NULL"],
                ArchivedFilter.Only => ["archived_at IS NOT NULL"],
                _ => [],
            };
            return Select([.. HiddenFromIndexes([.. archived, .. dates, .. position])]) + order;
        }

        // The order of updates bounds what is read. An index of creation times would have to be sorted.
        if (dates.Count > 0 && !isSortedByCreation)
            dates = [.. from is null ? (string[])[] : [$"updated_at >= {from}"], .. HiddenFromIndexes(dates)];

        var current = Select(["archived_at IS NULL", .. dates, .. position]);
        var archive = Select(["archived_at IS NOT NULL", .. dates, .. position]);
        return Archived switch
        {
            ArchivedFilter.Exclude => current + order,
            ArchivedFilter.Only => archive + order,
            // Two range scans, in order, and merged.
            _ when limitsParts => $"SELECT * FROM ({current}{order}) AS a UNION ALL SELECT * FROM ({archive}{order}) AS b{order}",
            _ => $"{current} UNION ALL {archive}{order}",
        };

        string Select(IEnumerable<string> filters) =>
            $"SELECT {columns} FROM sessions WHERE owner_id = $1{scope}{string.Concat(filters.Select(filter => $" AND {filter}"))}";
    }

    // No index matches this, and PostgreSQL takes it for true of nearly all rows: it would read all rows of an owner to find a few.
    private static IEnumerable<string> HiddenFromIndexes(List<string> filters) =>
        filters.Count == 0 ? [] : [$"CASE WHEN {string.Join(" AND ", filters)} THEN 1 END IS NOT NULL"];
}
