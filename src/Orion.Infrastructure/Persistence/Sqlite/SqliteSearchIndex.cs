using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Search;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Reads the FTS5 table. CROSS JOIN makes SQLite loop over its rows.</summary>
internal sealed class SqliteSearchIndex(OrionDbContext context) : SearchIndex(context)
{
    protected override async Task<IReadOnlyList<int>> ReadPeriods(SearchList list, int newest, Caller caller, CancellationToken cancellationToken)
    {
        var owner = caller.Id.Value;
        var periods = list.Session is { } only
            ? Context.Database.SqlQuery<int>(
                $"""
                SELECT DISTINCT period AS Value FROM search_documents
                WHERE owner_id = {owner} AND session_id = {only.Value} AND period <= {newest} ORDER BY period DESC
                """)
            : Context.Database.SqlQuery<int>(
                $"""
                WITH RECURSIVE p (period) AS (
                    SELECT max(period) FROM search_documents WHERE owner_id = {owner} AND period <= {newest}
                    UNION ALL
                    SELECT (SELECT max(d.period) FROM search_documents d WHERE d.owner_id = {owner} AND d.period < p.period)
                    FROM p WHERE p.period IS NOT NULL)
                SELECT period AS Value FROM p WHERE period IS NOT NULL
                """);
        return await periods.ToListAsync(cancellationToken);
    }

    protected override string Expression(IReadOnlyList<(string Token, bool IsBeginning)> tokens, ILookup<string, string> periods) => string.Join(
        " OR ",
        from some in periods
        let words = tokens.Select(token => $"\"{some.Key}{token.Token}\"{(token.IsBeginning ? " *" : "")}")
        select $"({string.Join(" AND ", words)} AND ({string.Join(" OR ", some.Select(period => $"\"{some.Key}{period}\""))}))");

    protected override async Task<IReadOnlyList<SearchPosition>> ReadRows(
        SearchList list, string expression, int[] periods, SearchPosition? after, int limit, Caller caller, CancellationToken cancellationToken)
    {
        // Rows that are later than any other stand for no position.
        var from = after is { } position ? SqliteDbContext.Microseconds.Of(position.At) : long.MaxValue;
        var (session, sequence) = (after?.Session.Value ?? SessionId.Unassigned.Value, after?.Sequence ?? int.MaxValue);
        var (wanted, only) = (JsonSerializer.Serialize(periods), list.Session?.Value);
        var rows = await Context.SearchDocuments.FromSql(
            $"""
            SELECT d.* FROM search_tokens t CROSS JOIN search_documents d
            WHERE t.search_tokens MATCH {expression} AND d.number = t.rowid AND +d.owner_id = {caller.Id.Value}
              AND +d.period IN (SELECT value FROM json_each({wanted})) AND ({only} IS NULL OR +d.session_id = {only})
              AND (d.created_at, d.session_id, d.sequence) < ({from}, {session}, {sequence})
            ORDER BY d.created_at DESC, d.session_id DESC, d.sequence DESC LIMIT {limit}
            """).AsNoTracking().ToListAsync(cancellationToken);
        return [.. rows.Select(row => new SearchPosition(row.CreatedAt, row.SessionId, row.Sequence))];
    }

    protected override IQueryable<Session> SessionsOf(UserId owner, IReadOnlyList<SessionId> ids) =>
        Context.Sessions.Where(session => session.OwnerId == owner && ids.Contains(session.Id));
}
