using Npgsql;

namespace Orion.IntegrationTests.Persistence;

/// <summary>Orion, including its migrations, behind a pooler in transaction mode that does not support prepared statements.</summary>
public sealed class BehindPgBouncer
{
    private const int PoolSize = 3;

    [Fact]
    public async Task Everything_works_through_PgBouncer_in_transaction_mode()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var bouncer = await PgBouncer.Start(postgres.Superuser, PoolSize);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", Through(bouncer, database)), ("DB_PREPARED_STATEMENTS", "false"));
        var clients = await database.Query("SELECT DISTINCT client_port FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'orion'");
        Assert.True(clients.Count <= PoolSize, $"{clients.Count} connections: not through the pooler.");

        var id = await server.Api.Create(new { firstMessage = "First" });
        await server.Api.Append(id, "Second", "assistant");
        for (var n = 0; n < 2; n++)
        {
            // The second request gets the stored response.
            (await server.Api.Post("/api/sessions", new { firstMessage = "Once" }, ("Idempotency-Key", "create"))).Should(201);
            (await server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = "Third" }, ("Idempotency-Key", "append"))).Should(201);
        }

        (await server.Api.Patch($"/api/sessions/{id}", new { title = "Renamed" })).Should(200);
        Assert.Equal(["First", "Second", "Third"], (await server.Api.Get($"/api/sessions/{id}/messages")).Should(200).Texts("messages", "content"));
        Assert.Equal(["Renamed", "Once"], (await server.Api.Get("/api/sessions")).Should(200).Texts("sessions", "title"));
        Assert.Equal(3, (await server.Api.Session(id)).GetProperty("messageCount").GetInt32());
        (await server.Api.Delete($"/api/sessions/{id}")).Should(204);
        (await server.Api.Get($"/api/sessions/{id}")).ShouldBeProblem(404, "session_not_found");
    }

    [Fact]
    public async Task Fifty_appends_at_once_are_numbered_without_gaps_through_three_connections()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var bouncer = await PgBouncer.Start(postgres.Superuser, PoolSize);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", Through(bouncer, database)), ("DB_PREPARED_STATEMENTS", "false"));
        var one = await server.Api.Create();
        var other = await server.Api.Create();

        var appended = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => server.Api.Append(n % 2 == 0 ? one : other, $"Message {n}")));

        foreach (var half in appended.GroupBy(message => message.GetProperty("sessionId").GetString()))
        {
            Assert.Equal(Enumerable.Range(1, 25), half.Select(message => message.GetProperty("sequence").GetInt32()).Order());
        }

        (await server.Anonymous.Get("/health")).Should(200);
    }

    [Fact]
    public async Task Three_instances_that_start_at_once_migrate_through_PgBouncer()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var bouncer = await PgBouncer.Start(postgres.Superuser, PoolSize);
        var url = Through(bouncer, database);
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            OrionServer.Launch(database, null, ("DATABASE_URL", url), ("MIGRATION_DATABASE_URL", url), ("DB_PREPARED_STATEMENTS", "false")))));
        try
        {
            foreach (var server in servers) await server.BecomesReady();
            foreach (var server in servers) await server.Api.Create();
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    private static string Through(PgBouncer bouncer, PostgresDatabase database) => PostgresDatabase.Url(
        new NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Host = "127.0.0.1", Port = bouncer.Port });
}
