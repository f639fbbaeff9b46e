using Npgsql;
using Orion.Application.Concurrency;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Reads the replication between the servers of a connection string. It asks each standby itself with functions that every role may call: a
/// primary shows the details only to members of pg_monitor.
/// </summary>
internal sealed class PostgresReplication(DatabaseFailures failures, TimeProvider clock)
{
    private const int TimeoutSeconds = 5;

    private const string ServerFacts = """
        SELECT pg_is_in_recovery(), CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn()::text END,
               current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),
               (SELECT count(*)::int FROM pg_stat_replication),
               (SELECT CASE WHEN count(*) = count(sync_state) THEN count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))::int END FROM pg_stat_replication)
        """;

    private const string StandbyFacts = """
        SELECT EXISTS (SELECT FROM pg_stat_wal_receiver), pg_is_wal_replay_paused(),
               pg_wal_lsn_diff(@position::text::pg_lsn, pg_last_wal_replay_lsn())::bigint,
               coalesce(pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn(), false),
               extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
        """;

    // From outside, because the driver's own timeouts add up.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2 * TimeoutSeconds);

    // A standby that replays the primary's position within this time is not behind.
    private static readonly TimeSpan CatchUpTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads it over separate connections. A server that cannot be used is part of the result.</summary>
    internal async Task<ReplicationCondition> Read(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        var servers = await Task.WhenAll(PostgresTarget.HostsOf(target).Select(host => ReadServer(At(target, host), host, cancellationToken)));
        var primary = servers.FirstOrDefault(server => server.Position is not null);
        var conditions = await Task.WhenAll(servers.Select(async server =>
        {
            if (!server.IsStandby) return server.Condition;
            var (standby, failure) = await Ask(
                At(target, server.Host), connection => ReadStandby(connection, primary?.Position, cancellationToken), cancellationToken);
            return server.Condition with { Standby = standby, Failure = failure };
        }));
        return new ReplicationCondition(conditions, primary?.Primary);
    }

    /// <summary>A connection string of one server of a cluster.</summary>
    internal static NpgsqlConnectionStringBuilder At(NpgsqlConnectionStringBuilder target, PostgresHost host) =>
        new(target.ConnectionString) { Host = host.Name, Port = host.Port };

    private async Task<Server> ReadServer(NpgsqlConnectionStringBuilder target, PostgresHost host, CancellationToken cancellationToken)
    {
        var condition = new ServerCondition(host.ToString());
        var (read, failure) = await Ask(
            target,
            async connection =>
            {
                var ahead = await connection.ClockAhead(clock, cancellationToken);
                await using var command = new NpgsqlCommand(ServerFacts, connection);
                await using var row = await command.ExecuteReaderAsync(cancellationToken);
                await row.ReadAsync(cancellationToken);
                return new Server(
                    host,
                    condition with { ClockAhead = ahead },
                    row.GetBoolean(0),
                    row.IsDBNull(1) ? null : row.GetString(1),
                    new PrimaryCondition(row.GetString(2), row.GetString(3), row.GetInt32(4), row.IsDBNull(5) ? null : row.GetInt32(5)));
            },
            cancellationToken);
        return read ?? new Server(host, condition with { Failure = failure }, IsStandby: false, Position: null, Primary: null);
    }

    private async Task<StandbyCondition> ReadStandby(NpgsqlConnection connection, string? position, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            var (standby, isComplete) = await ReadOnce(connection, position, cancellationToken);
            if (isComplete) return standby with { Behind = TimeSpan.Zero };
            if (position is null || clock.GetElapsedTime(start) > CatchUpTime) return standby;
            await clock.Delay(Pause, cancellationToken);
        }
    }

    // Without the primary's position, a standby that is connected and has replayed all that it received is complete.
    private static async Task<(StandbyCondition Standby, bool IsComplete)> ReadOnce(
        NpgsqlConnection connection, string? position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StandbyFacts, connection);
        command.Parameters.AddWithValue("position", (object?)position ?? DBNull.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var standby = new StandbyCondition(
            row.GetBoolean(0),
            row.GetBoolean(1),
            row.IsDBNull(2) ? null : Math.Max(0, row.GetInt64(2)),
            row.IsDBNull(4) ? null : TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(4))));
        return (standby, standby.Bytes is { } bytes ? bytes == 0 : standby.IsReceiving && row.GetBoolean(3));
    }

    private async Task<(T? Value, DatabaseFailure? Failure)> Ask<T>(
        NpgsqlConnectionStringBuilder target, Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
        where T : class
    {
        (target.Timeout, target.CommandTimeout) = (TimeoutSeconds, TimeoutSeconds);
        try
        {
            return (await Task.Run(Connected, cancellationToken).WaitAsync(Timeout, clock, cancellationToken), null);
        }
        catch (Exception exception) when (TransientErrors.Is(exception) || exception is PostgresException)
        {
            return (null, failures.Explain(exception));
        }

        async Task<T> Connected()
        {
            await using var connection = await NamedConnections.OpenUnpooled(target, NamedConnections.Check, cancellationToken);
            return await read(connection);
        }
    }

    /// <summary>What is known of a server before the standbys are compared with the primary's position in the log.</summary>
    private sealed record Server(PostgresHost Host, ServerCondition Condition, bool IsStandby, string? Position, PrimaryCondition? Primary);
}
