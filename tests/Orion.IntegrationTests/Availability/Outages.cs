using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orion.IntegrationTests.Availability;

/// <summary>Outages of PostgreSQL. Each test uses its own server.</summary>
public sealed class Outages(PostgresServers servers)
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_PostgreSQL_is_stopped_and_started_under_load()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        await using var writers = await MessageWriters.Start(server, count: 4);
        await writers.Write(more: 20);

        await postgres.Stop();
        await Eventually.Until(() => writers.Failed.Count > 4, "The outage was not noticed.");
        // Entity Framework Core would log each again with its stack trace.
        Assert.Contains(server.Log.All, line => line.Level >= LogLevel.Warning);
        Assert.All(
            server.Log.All.Where(line => line.Level >= LogLevel.Warning),
            line => Assert.True(line.Category.StartsWith("Orion", StringComparison.Ordinal) && line.Exception is null, line.ToString()));
        await postgres.Start();
        await writers.Write(more: 20);

        await writers.ShouldHaveLostNothing(database);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    public async Task Nothing_acknowledged_is_lost_when_PostgreSQL_ends_all_connections_under_load(int clients)
    {
        const int Rounds = 5;
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        await using var writers = await MessageWriters.Start(server, clients);
        var ended = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await writers.Write(more: 20);
            ended += (await database.Query("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'orion' AND pid <> pg_backend_pid()
                """)).Count;
        }

        await writers.Write(more: 20);
        await writers.ShouldHaveLostNothing(database);

        Assert.True(ended >= Rounds, $"{ended} connections were ended.");
        // One request for each connection, and once per round those that shared the query about the user.
        Assert.InRange(writers.Failed.Count, 1, ended + (Rounds * clients));
        (await server.Anonymous.Get("/health")).Should(200);
    }

    [Fact]
    public async Task A_frozen_PostgreSQL_is_503_within_3_seconds_and_the_service_recovers_by_itself()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create(new { firstMessage = "Before" });

        await postgres.Freeze();
        // The first concurrent requests detect the outage; later ones are rejected at once.
        for (var round = 0; round < 3; round++)
        {
            var start = Clock.GetTimestamp();
            var responses = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => (n % 3) switch
            {
                0 => server.Api.Get($"/api/sessions/{id}"),
                1 => server.Api.Get("/api/sessions"),
                _ => server.Api.Post("/api/sessions", "{}"),
            }));
            Assert.True(Clock.GetElapsedTime(start) < TimeSpan.FromSeconds(3), $"Round {round}: {Clock.GetElapsedTime(start)}");
            Assert.All(responses, response => response.ShouldBeUnavailable());
        }

        var healthStart = Clock.GetTimestamp();
        var health = (await server.Anonymous.Get("/health")).Should(503);
        Assert.True(Clock.GetElapsedTime(healthStart) < TimeSpan.FromSeconds(3));
        Assert.DoesNotContain("healthy", health.BodyText, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("down", health.Text("status"));
        Assert.Equal(["status", "service", "version", "timestamp", "uptime", "database", "secured", "jwtEnabled"], health.Json.EnumerateObject().Select(member => member.Name));
        (await server.Anonymous.Get("/health/ready")).Should(503);
        (await server.Anonymous.Get("/health/live")).Should(200);

        await postgres.Thaw();
        await server.BecomesReady(withinSeconds: 20);
        await Eventually.Until(async () => (await server.Api.Get($"/api/sessions/{id}")).Status == 200, "The service did not come back by itself.");
        Assert.Equal("Before", (await server.Api.Session(id)).GetProperty("firstMessage").GetString());
    }

    [Fact]
    public async Task A_start_waits_for_an_unavailable_database()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await postgres.Stop();
        NpgsqlConnection.ClearAllPools();
        await using var server = await OrionServer.Launch(database, null);

        (await server.Anonymous.Get("/health/live")).Should(200);
        (await server.Anonymous.Get("/health/ready")).Should(503);
        Assert.DoesNotContain("healthy", (await server.Anonymous.Get("/health")).Should(503).BodyText, StringComparison.OrdinalIgnoreCase);
        (await server.Api.Get("/api/sessions")).ShouldBeUnavailable();

        await postgres.Start();
        await server.BecomesReady();
        await server.Api.Create();
    }

    [Fact]
    public async Task A_cached_user_or_session_token_that_cannot_be_renewed_is_503_and_the_expired_value_is_not_used()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        (await server.Api.Get("/api/me")).Should(200);
        var id = await server.Api.Create();
        var page = server.With(await server.Api.Mint(id));
        (await page.Get($"/api/sessions/{id}")).Should(200);

        await postgres.Stop();
        await Task.Delay(TimeSpan.FromSeconds(5.2), TestContext.Current.CancellationToken);

        (await server.Api.Get("/api/me")).ShouldBeUnavailable();
        (await page.Get($"/api/sessions/{id}")).ShouldBeUnavailable();
        // Not 403 either: it is unknown whether the token is still valid.
        (await page.Get("/api/me")).ShouldBeUnavailable();

        await postgres.Start();
        await Eventually.Until(async () => (await page.Get($"/api/sessions/{id}")).Status == 200, "The service did not come back by itself.");
    }
}
