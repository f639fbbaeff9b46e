using System.Data;
using Npgsql;
using NpgsqlTypes;
using Orion.Application.Import.Legacy;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.Infrastructure.LegacyImport;

/// <summary>The legacy database: one connection with one read-only transaction, which sees a single snapshot.</summary>
internal sealed class LegacyDatabase(PostgresTarget target) : ILegacyDatabase
{
    private readonly NpgsqlConnection _connection = NamedConnections.CreateUnpooled(Connection(target), NamedConnections.LegacyImport);
    private NpgsqlTransaction? _transaction;

    public string Address => target.Address;

    public Task<LegacyCounts> Begin(IReadOnlyList<string> users, CancellationToken cancellationToken) => Translate(async () =>
    {
        await _connection.OpenAsync(cancellationToken);
        _transaction = await _connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await Execute("SET TRANSACTION READ ONLY", [], cancellationToken);
        await Execute(LegacyQueries.Begin, [], cancellationToken);
        if (await _connection.QueryScalar<string>("SHOW server_encoding", cancellationToken) == "SQL_ASCII")
            throw new LegacyDatabaseException($"The database at {Address} does not state the encoding of its texts (SQL_ASCII).");

        var queries = await Prepare(cancellationToken);
        var counts = await Count(users, cancellationToken);
        await Execute(queries.OpenSessions, users, cancellationToken);
        await Execute(queries.OpenMessages, users, cancellationToken);
        return counts;
    });

    public Task<IReadOnlyList<LegacySession>> NextSessions(CancellationToken cancellationToken) =>
        Translate(() => Read(LegacyQueries.NextSessions, [], LegacyRows.Session, cancellationToken));

    public Task<IReadOnlyList<LegacyMessage>> NextMessages(CancellationToken cancellationToken) =>
        Translate(() => Read(LegacyQueries.NextMessages, [], LegacyRows.Message, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_transaction is not null) await _transaction.DisposeAsync();
            await _connection.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // The connection is lost; the transaction had nothing to commit.
        }
    }

    private static NpgsqlConnectionStringBuilder Connection(PostgresTarget target) =>
        new(target.ToConnectionString(poolSize: 1, prepared: false)) { CommandTimeout = 0 };

    private async Task<LegacyQueries> Prepare(CancellationToken cancellationToken)
    {
        var rows = await Read(
            LegacyQueries.ColumnsOf,
            [],
            row => (IsSession: row.GetBoolean(0), Name: row.GetString(1), IsTable: row.GetBoolean(2)),
            cancellationToken);
        var columns = rows.ToLookup(row => row.IsSession ? LegacyQueries.Sessions : LegacyQueries.Messages, row => row.Name);
        foreach (var table in LegacyQueries.Required.GroupBy(required => required.Table, required => required.Column))
        {
            if (!columns.Contains(table.Key))
                throw new LegacyDatabaseException($"The database at {Address} has no table {table.Key} that this role can see.");
            if (table.Except(columns[table.Key]).ToList() is { Count: > 0 } missing)
                throw new LegacyDatabaseException($"The table {table.Key} at {Address} has no column {string.Join(", ", missing)}.");
        }

        return new LegacyQueries(columns, rows.Any(row => !row.IsSession && row.IsTable));
    }

    private async Task<LegacyCounts> Count(IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        var others = await Read(
            LegacyQueries.CountOthers,
            users,
            row => (User: new LegacyUser(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), Total: row.GetInt64(3)),
            cancellationToken);
        var more = others.Count == 0 ? 0 : others[0].Total - others.Count;
        var counts = await Read(
            LegacyQueries.CountRequested,
            users,
            row => new LegacyCounts(
                row.GetInt64(0), row.GetInt64(1), [.. others.Select(other => other.User)], more, row.GetInt64(3), row.GetInt64(2)),
            cancellationToken);
        return counts[0];
    }

    private async Task<T> Translate<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception exception) when (exception is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException)
        {
            throw new LegacyDatabaseException($"The legacy database at {Address} cannot be read: {Reason(exception).TrimEnd('.')}.", exception);
        }
    }

    // The server's message without its detail, which may contain values of rows.
    private static string Reason(Exception exception) =>
        exception is PostgresException postgres ? postgres.MessageText : exception.GetBaseException().Message;

    private async Task Execute(string sql, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, users);
        await command.ExecuteNonQueryAsync(cancellationToken);
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
