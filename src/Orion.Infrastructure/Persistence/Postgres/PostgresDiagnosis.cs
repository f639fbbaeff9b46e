using System.Net.Sockets;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

internal sealed class PostgresDiagnosis(
    DatabaseSettings settings, DatabaseFailures failures, PostgresReplication replication, TimeProvider clock) : IDatabaseDiagnosis
{
    // The oldest version that PostgreSQL itself still supports.
    private const int OldestVersion = 140_000;
    private const int TimeoutSeconds = 10;

    private const string Facts = """
        SELECT current_setting('server_version'),
               current_setting('server_version_num')::int,
               (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
               (SELECT CASE WHEN ssl THEN version END FROM pg_stat_ssl WHERE pid = pg_backend_pid()),
               pg_is_in_recovery(),
               current_setting('transaction_read_only')
        """;

    // In any schema, because the search path hides tables in a schema that the role may not use.
    private const string WithoutRights = """
        SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (@tables) AND n.nspname NOT LIKE 'pg\_%'
          AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
              AND (c.relname = @history OR (has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))))
        ORDER BY 1
        """;

    public async Task<DatabaseCondition> Read(CancellationToken cancellationToken)
    {
        var parts = WithTimeouts(settings.ConnectionString);
        await using var connection = await NamedConnections.OpenUnpooled(parts, NamedConnections.Check, cancellationToken);

        var latency = await LatencyProbe.Median(() => connection.QueryScalar<int>("SELECT 1", cancellationToken), clock);
        var clockAhead = await connection.ClockAhead(clock, cancellationToken);
        var limits = PostgresLimits.Of(connection);
        var withoutRights = await TablesWithoutRights(connection, cancellationToken);
        var notIndexed = await SessionsNotIndexed(connection, cancellationToken);
        var (comparison, backup, migrationFailure) = await ReadMigrationDatabase(cancellationToken);

        await using var command = new NpgsqlCommand(Facts, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new DatabaseCondition
        {
            Version = $"PostgreSQL {row.GetString(0)}",
            IsVersionSupported = row.GetInt32(1) >= OldestVersion,
            Latency = latency,
            ClockAhead = clockAhead,
            Tls = new ConnectionTls(
                row.IsDBNull(3) ? null : row.GetString(3),
                parts.SslMode == SslMode.VerifyFull,
                PostgresTarget.HostsOf(parts).All(host => PostgresTarget.IsLocalHost(host.Name))),
            Connections = Needs(parts, limits, backup),
            NotWritable = PostgresConnection.NotWritable(row.GetBoolean(4), row.GetString(5)),
            TablesWithoutRights = withoutRights,
            SessionsNotIndexed = notIndexed,
            Comparison = comparison,
            MigrationFailure = migrationFailure,
            IsSuperuser = row.GetBoolean(2),
        };
    }

    public async Task<ReplicationCondition?> ReadReplication(CancellationToken cancellationToken) =>
        await replication.Read(new NpgsqlConnectionStringBuilder(settings.ConnectionString), cancellationToken);

    /// <summary>A target for a diagnosis, with short timeouts.</summary>
    internal static NpgsqlConnectionStringBuilder WithTimeouts(string connectionString) =>
        new(connectionString) { Timeout = TimeoutSeconds, CommandTimeout = TimeoutSeconds };

    private async Task<(DatabaseComparison? Comparison, PostgresLimits? Limits, DatabaseFailure? Failure)> ReadMigrationDatabase(
        CancellationToken cancellationToken)
    {
        if (settings.MigrationConnectionString is not { } other) return default;
        try
        {
            await using var connection = await NamedConnections.OpenUnpooled(WithTimeouts(other), NamedConnections.Migration, cancellationToken);
            return (await PostgresComparison.Of(settings, cancellationToken), PostgresLimits.Of(connection), null);
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            return (null, null, failures.Explain(exception));
        }
    }

    private ConnectionNeeds Needs(NpgsqlConnectionStringBuilder service, PostgresLimits limits, PostgresLimits? backup) => new(
        service.MaxPoolSize, PostgresLimits.Check, PostgresLimits.Replies, PostgresBackup.Connections, limits.Lowest, (backup ?? limits).Lowest, limits.All,
        backup is not null && new NpgsqlConnectionStringBuilder(settings.MigrationConnectionString).Username != service.Username);

    private static async Task<long?> SessionsNotIndexed(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.QueryScalar<long>("SELECT count(*) FROM sessions WHERE indexed_version <> version", cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<string>> TablesWithoutRights(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WithoutRights, connection);
        command.Parameters.AddWithValue("tables", PostgresMigrator.Tables);
        command.Parameters.AddWithValue("history", PostgresMigrator.History);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<string>();
        while (await row.ReadAsync(cancellationToken)) tables.Add(row.GetString(0));
        return tables;
    }
}
