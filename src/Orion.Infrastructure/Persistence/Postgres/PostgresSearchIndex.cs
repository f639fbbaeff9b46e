using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orion.Application.Messaging;
using Orion.Application.Search;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using static Orion.Infrastructure.Persistence.Postgres.PostgresParameters;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Reads the GIN index of <c>search_documents</c>. Whatever the database knows about its data, only the index on the tokens matches a search:
/// the other conditions are hidden from the planner, and so is the value of the expression, whose frequency it would estimate.
/// </summary>
internal sealed class PostgresSearchIndex(NpgsqlDataSource connections, OrionDbContext context) : SearchIndex(context)
{
    private const string Periods = """
        WITH RECURSIVE p (period) AS (
            SELECT max(period) FROM search_documents WHERE owner_id = $1 AND period <= $2
            UNION ALL
            SELECT (SELECT max(d.period) FROM search_documents d WHERE d.owner_id = $1 AND d.period < p.period) FROM p WHERE p.period IS NOT NULL)
        SELECT period FROM p WHERE period IS NOT NULL
        """;

    private const string PeriodsOfSession =
        "SELECT DISTINCT period FROM search_documents WHERE owner_id = $1 AND period <= $2 AND session_id = $3 ORDER BY period DESC";

    // The planner expects a part of all texts, which is more than a search finds. Compiling the statement and starting workers would take longer.
    private const string PlanForFewRows = "SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)";

    private const string Rows = $"""
        SELECT session_id, sequence, created_at FROM search_documents
        WHERE tokens @@ (SELECT $2::tsquery) AND CASE WHEN owner_id = $1 AND {RestOfRows}
        """;

    // A session is so small that it is read without the index on the tokens, which would find all sessions.
    private const string RowsOfSession = $"""
        SELECT session_id, sequence, created_at FROM search_documents
        WHERE owner_id = $1 AND session_id = $8 AND CASE WHEN tokens @@ $2::tsquery AND {RestOfRows}
        """;

    private const string RestOfRows = """
        period = ANY ($3) AND ($5::timestamptz IS NULL OR (created_at, session_id, sequence) < ($5, $6, $7)) THEN 1 END IS NOT NULL
        ORDER BY created_at DESC, session_id DESC, sequence DESC LIMIT (SELECT $4)
        """;

    protected override async Task<IReadOnlyList<int>> ReadPeriods(SearchList list, int newest, Caller caller, CancellationToken cancellationToken)
    {
        await using var command = connections.CreateCommand(list.Session is null ? Periods : PeriodsOfSession);
        command.Parameters.Add(Value(caller.Id.Value));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = newest });
        if (list.Session is { } only) command.Parameters.Add(Value(only.Value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await Read(reader, row => row.GetInt32(0), cancellationToken);
    }

    // Tokens consist of letters, marks, digits and emoji, so none has to be escaped.
    protected override string Expression(IReadOnlyList<(string Token, bool IsBeginning)> tokens, ILookup<string, string> periods) => string.Join(
        " | ",
        from some in periods
        let words = tokens.Select(token => $"'{some.Key}{token.Token}'{(token.IsBeginning ? ":*" : "")}")
        select $"({string.Join(" & ", words)} & ({string.Join(" | ", some.Select(period => $"'{some.Key}{period}'"))}))");

    protected override async Task<IReadOnlyList<SearchPosition>> ReadRows(
        SearchList list, string expression, int[] periods, SearchPosition? after, int limit, Caller caller, CancellationToken cancellationToken)
    {
        // Without a transaction, a batch is one, and the settings end with it.
        await using var batch = connections.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(PlanForFewRows));
        var command = new NpgsqlBatchCommand(list.Session is null ? Rows : RowsOfSession);
        command.Parameters.Add(Value(caller.Id.Value));
        command.Parameters.Add(Value(expression));
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = periods });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(Value(after?.At));
        command.Parameters.Add(Value(after?.Session.Value ?? default));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = after?.Sequence ?? 0 });
        if (list.Session is { } only) command.Parameters.Add(Value(only.Value));
        batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await Read(
            reader, row => new SearchPosition(row.GetFieldValue<DateTimeOffset>(2), SessionId.From(row.GetGuid(0)), row.GetInt32(1)), cancellationToken);
    }

    protected override IQueryable<Session> SessionsOf(UserId owner, IReadOnlyList<SessionId> ids)
    {
        var wanted = ids.Select(id => id.Value).ToArray();
        return Context.Sessions.FromSql(
            $"""
            SELECT s.* FROM unnest({wanted}) AS wanted (id)
            CROSS JOIN LATERAL (SELECT * FROM sessions WHERE owner_id = {owner.Value} AND id = wanted.id LIMIT 1) AS s
            """);
    }

    private static async Task<IReadOnlyList<T>> Read<T>(DbDataReader reader, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(read(reader));
        return rows;
    }
}
