using System.Data;
using Npgsql;
using NpgsqlTypes;
using Orion.Application.Import.Legacy;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.LegacyImport;

/// <summary>The old service's database: one connection, and one transaction that sees one moment and cannot write.</summary>
internal sealed class LegacyDatabase(PostgresTarget target) : ILegacyService
{
    private readonly NpgsqlConnection _connection = new(Connection(target));
    private NpgsqlTransaction? _transaction;

    public string Address => target.Address;

    public Task<LegacyCounts> Begin(IReadOnlyList<string> users, CancellationToken cancellationToken) => Tell(async () =>
    {
        await _connection.OpenAsync(cancellationToken);
        _transaction = await _connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await Execute("SET TRANSACTION READ ONLY", [], cancellationToken);
        await Execute(LegacyQueries.Begin, [], cancellationToken);
        if (await Ask<string>("SHOW server_encoding", cancellationToken) == "SQL_ASCII")
            throw new LegacyServiceException($"The database at {Address} does not say in which encoding its texts are (SQL_ASCII).");

        var queries = await Prepare(cancellationToken);
        var counts = await Count(users, cancellationToken);
        await Execute(queries.OpenSessions, users, cancellationToken);
        await Execute(queries.OpenMessages, users, cancellationToken);
        return counts;
    });

    public Task<IReadOnlyList<LegacySession>> NextSessions(CancellationToken cancellationToken) =>
        Tell(() => Read(LegacyQueries.NextSessions, [], LegacyRows.Session, cancellationToken));

    public Task<IReadOnlyList<LegacyMessage>> NextMessages(CancellationToken cancellationToken) =>
        Tell(() => Read(LegacyQueries.NextMessages, [], LegacyRows.Message, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_transaction is not null) await _transaction.DisposeAsync();
            await _connection.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // It is lost; there was nothing to save.
        }
    }

    private static string Connection(PostgresTarget target) =>
        new NpgsqlConnectionStringBuilder(target.ToConnectionString(poolSize: 1, prepared: false))
        {
            Pooling = false,
            CommandTimeout = 0,
        }.ConnectionString;

    private async Task<LegacyQueries> Prepare(CancellationToken cancellationToken)
    {
        var rows = await Read(
            LegacyQueries.ColumnsOf,
            [],
            row => (IsSession: row.GetBoolean(0), Name: row.GetString(1), IsTable: row.GetBoolean(2)),
            cancellationToken);
        var columns = rows.ToLookup(row => row.IsSession ? LegacyQueries.Sessions : LegacyQueries.Messages, row => row.Name);
        foreach (var table in LegacyQueries.Needed.GroupBy(needed => needed.Table, needed => needed.Column))
        {
            if (!columns.Contains(table.Key))
                throw new LegacyServiceException($"The database at {Address} has no table {table.Key} that this role sees.");
            if (table.Except(columns[table.Key]).ToList() is { Count: > 0 } missing)
                throw new LegacyServiceException($"The table {table.Key} at {Address} has no column {string.Join(", ", missing)}.");
        }

        return new LegacyQueries(columns, rows.Any(row => !row.IsSession && row.IsTable));
    }

    private async Task<LegacyCounts> Count(IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        var others = await Read(
            LegacyQueries.CountOthers,
            users,
            row => (User: new LegacyUser(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), All: row.GetInt64(3)),
            cancellationToken);
        var more = others.Count == 0 ? 0 : others[0].All - others.Count;
        var counts = await Read(
            LegacyQueries.CountWanted,
            users,
            row => new LegacyCounts(
                row.GetInt64(0), row.GetInt64(1), [.. others.Select(other => other.User)], more, row.GetInt64(3), row.GetInt64(2)),
            cancellationToken);
        return counts[0];
    }

    private async Task<T> Tell<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (exception is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException)
        {
            throw new LegacyServiceException($"The old service's database at {Address} cannot be read: {Reason(exception)}", exception);
        }
    }

    // The server's own sentence without its detail, which may hold values of rows.
    private static string Reason(Exception exception) =>
        exception is PostgresException postgres ? postgres.MessageText : exception.GetBaseException().Message;

    private async Task Execute(string sql, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, users);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<T> Ask<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, []);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<IReadOnlyList<T>> Read<T>(
        string sql, IReadOnlyList<string> users, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, users);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(row(reader));
        return rows;
    }

    private NpgsqlCommand Command(string sql, IReadOnlyList<string> users)
    {
        var command = new NpgsqlCommand(sql, _connection);
        if (sql.Contains("@users", StringComparison.Ordinal))
            command.Parameters.Add(new NpgsqlParameter("users", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = users.ToArray() });
        return command;
    }
}
