using Npgsql;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Tests of the servers that the outage tests use.</summary>
public sealed class StoppablePostgresTests
{
    [Fact]
    public async Task A_private_PostgreSQL_keeps_its_data_over_a_stop_and_hangs_while_it_is_frozen()
    {
        await using var server = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(server.Superuser);
        await database.Execute("CREATE TABLE kept (n integer); INSERT INTO kept VALUES (42)");

        await server.Stop();
        NpgsqlConnection.ClearAllPools();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.Query("SELECT n FROM kept"));
        await server.Start();
        Assert.Equal(["42|"], await database.Query("SELECT n FROM kept"));

        await server.Freeze();
        var waiting = database.Query("SELECT n FROM kept");
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        await server.Thaw();
        Assert.Equal(["42|"], await waiting);
    }

    [Fact]
    public async Task Databases_are_created_on_the_shared_PostgreSQL_and_dropped()
    {
        await using var servers = new PostgresServers();
        var shared = await servers.Shared();
        var database = await PostgresDatabase.Create(shared);
        Assert.Equal(["UTF8|"], await database.Query("SHOW server_encoding"));

        await database.DisposeAsync();

        await using var server = await PostgresDatabase.Create(shared);
        Assert.Equal(["0|"], await server.Query("SELECT count(*) FROM pg_database WHERE datname = @p0", database.Connection.Database!));
    }
}
