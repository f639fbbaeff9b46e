using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Orion.IntegrationTests.Databases;
using Orion.IntegrationTests.Hosting;

namespace Orion.IntegrationTests.Operations;

/// <summary>A PostgreSQL that goes away and comes back: each test has one of its own.</summary>
public sealed class Outages
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_PostgreSQL_is_stopped_and_started_under_load()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.Api.Create()));
        var acknowledged = new ConcurrentBag<(string Session, string Message)>();
        var refused = new ConcurrentBag<Answer>();
        using var enough = new CancellationTokenSource();
        var writers = sessions.Select(session => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                var answer = await server.Api.Post($"/api/sessions/{session}/messages", new { role = "user", content = "x" });
                if (answer.Status == 201) acknowledged.Add((session, answer.Text("id")));
                else refused.Add(answer);
            }
        }, TestContext.Current.CancellationToken)).ToList();

        await Eventually.Until(() => acknowledged.Count > 20, "No message was taken.");
        await postgres.Stop();
        await Eventually.Until(() => refused.Count > 4, "The outage was not noticed.");
        await postgres.Start();
        var before = acknowledged.Count;
        await Eventually.Until(() => acknowledged.Count > before + 20, "The service did not come back by itself.");
        await enough.CancelAsync();
        await Task.WhenAll(writers);

        Assert.All(refused, ShouldBeUnavailable);
        foreach (var session in sessions)
        {
            var rows = await database.Query("SELECT sequence, id FROM messages WHERE session_id = @p0 ORDER BY sequence", Guid.Parse(session));
            Assert.Equal(Enumerable.Range(1, rows.Count).Select(n => n.ToString(CultureInfo.InvariantCulture)), rows.Select(row => row.Split('|')[0]));
            Assert.Equal(rows.Count, (await server.Api.Session(session)).GetProperty("messageCount").GetInt32());
            Assert.Empty(acknowledged.Where(one => one.Session == session).Select(one => one.Message).Except(rows.Select(row => row.Split('|')[1])));
        }
    }

    [Fact]
    public async Task A_frozen_PostgreSQL_is_503_in_under_3_seconds_and_the_service_comes_back_by_itself()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create(new { firstMessage = "Before" });

        await postgres.Freeze();
        // The first ones find it out, all together; the later ones know.
        for (var round = 0; round < 3; round++)
        {
            var start = Clock.GetTimestamp();
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => (n % 3) switch
            {
                0 => server.Api.Get($"/api/sessions/{id}"),
                1 => server.Api.Get("/api/sessions"),
                _ => server.Api.Post("/api/sessions", "{}"),
            }));
            Assert.True(Clock.GetElapsedTime(start) < TimeSpan.FromSeconds(3), $"Round {round}: {Clock.GetElapsedTime(start)}");
            Assert.All(answers, ShouldBeUnavailable);
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
    public async Task A_database_that_is_away_at_the_start_is_waited_for()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await postgres.Stop();
        NpgsqlConnection.ClearAllPools();
        await using var server = await OrionServer.Launch(database, null);

        (await server.Anonymous.Get("/health/live")).Should(200);
        (await server.Anonymous.Get("/health/ready")).Should(503);
        Assert.DoesNotContain("healthy", (await server.Anonymous.Get("/health")).Should(503).BodyText, StringComparison.OrdinalIgnoreCase);
        ShouldBeUnavailable(await server.Api.Get("/api/sessions"));

        await postgres.Start();
        await server.BecomesReady();
        await server.Api.Create();
    }

    [Fact]
    public async Task An_answer_about_a_user_or_a_session_token_that_cannot_be_renewed_is_503_and_never_the_old_one()
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

        ShouldBeUnavailable(await server.Api.Get("/api/me"));
        ShouldBeUnavailable(await page.Get($"/api/sessions/{id}"));
        // Not even that a route is closed to this kind: whether the token still counts is not known.
        ShouldBeUnavailable(await page.Get("/api/me"));

        await postgres.Start();
        await Eventually.Until(async () => (await page.Get($"/api/sessions/{id}")).Status == 200, "The service did not come back by itself.");
    }

    private static void ShouldBeUnavailable(Answer answer)
    {
        answer.ShouldRefuse(503, "unavailable");
        Assert.True(int.Parse(answer.Needs("Retry-After"), CultureInfo.InvariantCulture) >= 1);
    }
}
