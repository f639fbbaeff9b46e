using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Orion's database on a primary with a synchronous streaming replica, for the tests of one class. It has one session of two messages.</summary>
public sealed class ReplicatedPostgres : IAsyncLifetime
{
    internal PostgresCluster Primary { get; private set; } = null!;

    internal PostgresCluster Replica { get; private set; } = null!;

    internal PostgresDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Primary = await PostgresCluster.Create(PostgresBinaries.Find()!);
        Database = await PostgresDatabase.Create(Primary.Superuser);
        await using (var server = await OrionServer.Start(Database))
        {
            var session = await server.Api.Create(new { title = "Replicated" });
            await server.Api.Append(session, "one");
            await server.Api.Append(session, "two");
        }

        Replica = await Primary.CreateReplica();
    }

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await Database.DisposeAsync();
        await Primary.DisposeAsync();
    }

    /// <summary>An address where no server listens.</summary>
    internal const int Lost = 1;

    /// <summary>The ports of the primary and the replica.</summary>
    internal (int Primary, int Replica) Ports => (Primary.Superuser.Port, Replica.Superuser.Port);

    /// <summary>Orion's URL of the servers with these ports.</summary>
    internal string Url(params int[] ports) => Url(Database.Connection, ports);

    /// <summary>The same for another role.</summary>
    internal static string Url(NpgsqlConnectionStringBuilder role, params int[] ports) => PostgresDatabase.Url(role).Replace(
        $"127.0.0.1:{role.Port}", string.Join(',', ports.Select(port => $"127.0.0.1:{port}")), StringComparison.Ordinal);

    /// <summary>Waits until the replica has replayed what the primary has written.</summary>
    internal async Task Replayed()
    {
        var position = (await Database.Query("SELECT pg_current_wal_insert_lsn()::text"))[0].TrimEnd('|');
        await Eventually.Until(
            async () => await OnReplica($"SELECT CASE WHEN pg_last_wal_replay_lsn() >= '{position}'::pg_lsn THEN 1 ELSE 0 END") is ["1|"],
            "The replica does not replay.");
    }

    /// <summary>Starts the replica again after a stop, and waits until it streams.</summary>
    internal async Task RestartReplica()
    {
        await Replica.Start();
        await using (var pooled = new NpgsqlConnection(Database.At(Replica.Superuser.Port).Connection.ConnectionString)) NpgsqlConnection.ClearPool(pooled);
        await Eventually.Until(
            async () => await Database.Query("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") is ["1|"], "The replica does not stream.");
    }

    /// <summary>Pauses the replay of the replica during an action.</summary>
    internal async Task WhilePaused(Func<Task> action)
    {
        await OnReplica("SELECT pg_wal_replay_pause()");
        try
        {
            await action();
        }
        finally
        {
            await OnReplica("SELECT pg_wal_replay_resume()");
        }
    }

    /// <summary>Runs a query on the replica.</summary>
    internal Task<IReadOnlyList<string>> OnReplica(string sql) => Database.At(Replica.Superuser.Port).Query(sql);
}
