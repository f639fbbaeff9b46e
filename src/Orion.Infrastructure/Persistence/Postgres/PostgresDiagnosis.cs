using Npgsql;
using Orion.Infrastructure.Persistence.Availability;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Persistence.Postgres;

internal sealed class PostgresDiagnosis(DatabaseSettings settings, TimeProvider clock) : IDatabaseDiagnosis
{
    // The oldest that PostgreSQL itself still keeps.
    private const int OldestVersion = 140_000;

    // -1 stands for no limit of the role's or the database's own.
    private const string Facts = """
        SELECT current_setting('server_version'),
               current_setting('server_version_num')::int,
               least(
                   current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
                   nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1),
                   nullif((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1)),
               (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
               (SELECT CASE WHEN ssl THEN version END FROM pg_stat_ssl WHERE pid = pg_backend_pid())
        """;

    public async Task<DatabaseCondition> Ask(CancellationToken cancellationToken)
    {
        var parts = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, Timeout = 10, CommandTimeout = 10 };
        await using var connection = new NpgsqlConnection(parts.ConnectionString);
        await connection.OpenAsync(cancellationToken);

        var latency = await RoundTrips.Median(() => Ask<int>(connection, "SELECT 1", cancellationToken), clock);
        var before = clock.GetUtcNow();
        var theirs = await Ask<DateTime>(connection, "SELECT clock_timestamp()", cancellationToken);
        var middle = before + ((clock.GetUtcNow() - before) / 2);

        await using var command = new NpgsqlCommand(Facts, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new DatabaseCondition
        {
            Version = $"PostgreSQL {row.GetString(0)}",
            IsVersionKept = row.GetInt32(1) >= OldestVersion,
            Latency = latency,
            ClockAhead = new DateTimeOffset(theirs.ToUniversalTime()) - middle,
            Tls = new ConnectionTls(
                row.IsDBNull(4) ? null : row.GetString(4),
                parts.SslMode == SslMode.VerifyFull,
                IsLocal(parts.Host ?? "")),
            PoolSize = parts.MaxPoolSize,
            ConnectionLimit = row.GetInt32(2),
            IsSuperuser = row.GetBoolean(3),
        };
    }

    private static bool IsLocal(string host) => host.StartsWith('/') || host.StartsWith('@') || Loopback.IsHost(host);

    private static async Task<T> Ask<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
