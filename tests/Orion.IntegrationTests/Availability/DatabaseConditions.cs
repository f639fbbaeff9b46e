using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.IntegrationTests.Availability;

/// <summary>Conditions of the database are 503, are named in the log, and end without a restart.</summary>
public sealed class DatabaseConditions(PostgresServers servers)
{
    private const int DefectOfOrion = 3001;

    [Fact]
    public async Task With_a_read_only_role_writes_are_503_and_work_as_soon_as_it_may_write()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using var server = await OrionServer.Start(database, role.Url);
        var id = await server.Api.Create();

        await role.Alter("SET default_transaction_read_only = on");
        await role.EndConnections();
        foreach (var response in await Writes(server, id, 12)) response.ShouldBeUnavailable();
        await ShouldBeDown(server);

        await role.Alter("RESET default_transaction_read_only");
        await server.BecomesReady();
        Assert.All(await Writes(server, id, 12), response => response.Should(201));
        ShouldReportTheDatabase(server, "read-only");
    }

    [Fact]
    public async Task Connections_that_became_read_only_are_dropped_by_the_first_write_that_fails()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using var server = await OrionServer.Start(database, role.Url, ("DB_POOL_SIZE", "1"));
        var id = await server.Api.Create();
        // The pool after a failover: its open connection is read-only, and a new one can write.
        await role.Alter("SET default_transaction_read_only = on");
        await database.Query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = @p0 AND query NOT LIKE '%pg_is_in_recovery%'", role.Name);
        await Eventually.Until(async () => (await server.Api.Get("/api/sessions")).Status == 200, "It does not read.");
        await role.Alter("RESET default_transaction_read_only");

        await Eventually.Until(async () => (await Writes(server, id, 1))[0].Status == 201, "It does not write.", TimeSpan.FromSeconds(5));
        Assert.All(await Writes(server, id, 5), response => response.Should(201));
    }

    [Fact]
    public async Task A_primary_that_becomes_a_standby_is_503_until_its_promotion()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create();

        await BecomeStandby(postgres, database);
        await Eventually.Until(async () => (await server.Anonymous.Get("/health")).Status == 503, "It is not noticed.");
        Assert.All(await Writes(server, id, 5), response => response.ShouldBeUnavailable());
        await ShouldBeDown(server);

        await database.Query("SELECT pg_promote()");
        await server.BecomesReady();
        Assert.All(await Writes(server, id, 5), response => response.Should(201));
        ShouldReportTheDatabase(server, "standby");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_start_on_a_standby_retries_until_it_can_write(bool isMigrated)
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        if (isMigrated) await using (await OrionServer.Start(database)) { }
        await BecomeStandby(postgres, database);

        await using var server = await OrionServer.Launch(database, null);
        await Eventually.Until(() => server.Log.All.Any(line => line.Text.Contains("cannot be used yet", StringComparison.Ordinal)), "It does not say what it waits for.");
        (await server.Anonymous.Get("/health/live")).Should(200);
        (await server.Api.Get("/api/sessions")).ShouldBeUnavailable();
        var health = (await server.Anonymous.Get("/health")).Should(503);
        Assert.DoesNotContain("healthy", health.BodyText, StringComparison.OrdinalIgnoreCase);

        await database.Query("SELECT pg_promote()");
        await server.BecomesReady();
        await server.Api.Create();
        ShouldReportTheDatabase(server, "read-only");
    }

    [Fact]
    public async Task A_statement_timeout_of_the_server_is_503_and_the_service_stays_healthy()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using (await OrionServer.Start(database, role.Url)) { }
        await role.Alter("SET statement_timeout = '300ms'");
        await using var server = await OrionServer.Start(database, role.Url);
        var id = await server.Api.Create();

        await using (await database.Hold(id)) (await Writes(server, id, 1))[0].ShouldBeUnavailable();

        (await server.Anonymous.Get("/health")).Should(200);
        Assert.All(await Writes(server, id, 3), response => response.Should(201));
        ShouldReportTheDatabase(server, "statement_timeout");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_server_without_free_connections_is_healthy_and_the_check_uses_no_connection_of_the_pool(int limit)
    {
        const int Pool = 4;
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await role.Alter($"CONNECTION LIMIT {limit}");
        await using var server = await OrionServer.Start(database, role.Url, ("DB_POOL_SIZE", $"{Pool}"));
        var sessions = await Task.WhenAll(Enumerable.Range(0, Pool).Select(_ => server.Api.Create()));
        var locks = await Task.WhenAll(sessions.Select(id => database.Hold(id)));

        var waiting = sessions.Select(id => server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = "Waits" })).ToList();
        await Eventually.Until(async () => await RowLock.Waiting(database) == Pool, "The pool is not full.");
        // Longer than a request waits before it checks the database, and than the result of the check is cached.
        for (var round = 0; round < 30; round++)
        {
            (await server.Anonymous.Get("/health")).Should(200);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        foreach (var held in locks) await held.DisposeAsync();
        var responses = await Task.WhenAll(waiting);
        Assert.True(responses.All(response => response.Status == 201), string.Join('\n', server.Log.All));
        Assert.All(await Writes(server, sessions[0], 5), response => response.Should(201));
        Assert.DoesNotContain(server.Log.All, line => line.Text.Contains("is unavailable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_check_closes_its_connection_when_the_server_rejects_one_for_a_request()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using var server = await OrionServer.Start(database, role.Url);
        await role.EndConnections();
        (await server.Anonymous.Get("/health")).Should(200);
        // Only the check's own connection is allowed.
        await role.Alter("CONNECTION LIMIT 1");

        await Eventually.Until(async () => (await server.Api.Post("/api/sessions", "{}")).Status == 201, "The check keeps it.");

        for (var round = 0; round < 20; round++)
        {
            (await server.Anonymous.Get("/health")).Should(200);
            await server.Api.Create();
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_missing_right_is_503_and_the_log_names_it()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using (await OrionServer.Start(database)) { }
        await database.Execute($"GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public TO {role.Name}");
        await using var server = await OrionServer.Start(database, role.Url);

        (await server.Api.Post("/api/sessions", "{}")).ShouldBeUnavailable();

        ShouldReportTheDatabase(server, "MIGRATION_DATABASE_URL");
    }

    [Fact]
    public async Task With_a_read_only_SQLite_file_writes_are_503_and_work_as_soon_as_it_is_writable()
    {
        await using var database = new SqliteDatabase();
        var readOnly = new ReadOnlyConnections();
        await using var server = await OrionServer.Start(database, Interception.With(readOnly));
        var id = await server.Api.Create();

        readOnly.Opens = true;
        Assert.All(await Writes(server, id, 3), response => response.ShouldBeUnavailable());
        readOnly.Opens = false;

        Assert.All(await Writes(server, id, 3), response => response.Should(201));
        ShouldReportTheDatabase(server, "readonly");
    }

    private static async Task<IReadOnlyList<ApiResponse>> Writes(OrionServer server, string session, int count)
    {
        var responses = new List<ApiResponse>();
        for (var i = 0; i < count; i++) responses.Add(await server.Api.Post($"/api/sessions/{session}/messages", new { role = "user", content = "Kept" }));
        return responses;
    }

    private static async Task ShouldBeDown(OrionServer server)
    {
        await Eventually.Until(async () => (await server.Anonymous.Get("/health")).Status == 503, "Health does not say it.");
        var health = (await server.Anonymous.Get("/health")).Should(503);
        Assert.Equal("down", health.Text("status"));
        Assert.DoesNotContain("healthy", health.BodyText, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("down", (await server.Anonymous.Get("/health/ready")).Should(503).Text("status"));
        (await server.Anonymous.Get("/health/live")).Should(200);
        (await server.Api.Get("/api/sessions")).ShouldBeUnavailable();
    }

    private static void ShouldReportTheDatabase(OrionServer server, string word)
    {
        Assert.DoesNotContain(server.Log.All, line => line.Event.Id == DefectOfOrion);
        Assert.DoesNotContain(server.Log.All, line => line.Category.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal));
        Assert.Contains(server.Log.All, line => line.Text.Contains(word, StringComparison.Ordinal));
    }

    private static async Task BecomeStandby(IStoppablePostgres postgres, PostgresDatabase database)
    {
        await database.Execute("""
            DO $$ BEGIN EXECUTE format('COPY (SELECT 1) TO %L', current_setting('data_directory') || '/standby.signal'); END $$
            """);
        await postgres.Stop();
        Npgsql.NpgsqlConnection.ClearAllPools();
        await postgres.Start();
    }

    /// <summary>Makes SQLite's connections read-only. They stay read-only in the pool.</summary>
    private sealed class ReadOnlyConnections : DbConnectionInterceptor
    {
        public bool Opens { get; set; }

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (!Opens) return Task.CompletedTask;
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA query_only = ON";
            command.ExecuteNonQuery();
            return Task.CompletedTask;
        }
    }
}
