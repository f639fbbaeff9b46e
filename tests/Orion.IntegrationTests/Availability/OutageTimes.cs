using Npgsql;

namespace Orion.IntegrationTests.Availability;

/// <summary>How long a client waits for a response while PostgreSQL is unavailable, with any number of concurrent requests.</summary>
[Collection(Timed.Name)]
public sealed class OutageTimes
{
    private const int AtOnce = 50;
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(3);

    // The database is no longer queried, so this is only processing time.
    private static readonly TimeSpan MaxTimeWhenKnown = TimeSpan.FromSeconds(1);
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_request_gets_a_response_within_3_seconds_and_at_once_when_the_outage_is_known(bool isFrozen)
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create(new { firstMessage = "Before" });
        // All connections of the pool and of the clients are open.
        Assert.All(await AskAll(server, id), response => Assert.True(response.Response.Status is 200 or 201));

        await (isFrozen ? postgres.Freeze() : postgres.Stop());
        var health = MeasureTime(server.Anonymous.Get("/health"));
        var first = await AskAll(server, id);
        Assert.All([.. first, await health], one => Assert.True(one.Took < AtMost, $"{one.Took}: {one.Response}"));
        Assert.All(first, one => one.Response.ShouldBeUnavailable());

        // The result of the check may be a second old. From the next check on, the outage is known.
        await Eventually.Until(
            async () => (await server.Anonymous.Get("/health")).Status == 503, "The outage was not detected.", TimeSpan.FromSeconds(6));
        for (var round = 0; round < 5; round++)
        {
            var later = await AskAll(server, id);
            Assert.All(later, one => Assert.True(one.Took < MaxTimeWhenKnown, $"Round {round}, {one.Took}: {one.Response}"));
            Assert.All(later, one => one.Response.ShouldBeUnavailable());
            var down = await MeasureTime(server.Anonymous.Get("/health"));
            Assert.True(down.Took < AtMost, $"{down.Took}");
            ShouldBeDown(down.Response);
        }

        NpgsqlConnection.ClearAllPools();
        await (isFrozen ? postgres.Thaw() : postgres.Start());
        await server.BecomesReady(withinSeconds: 6);
        Assert.All(await AskAll(server, id), one => Assert.True(one.Response.Status is 200 or 201, one.Response.ToString()));
        var connections = await database.Query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'orion'");
        // The pool's, and the check's.
        Assert.InRange(connections.Count, 1, 21);
        // No client was told that it was written, so it may be missing. A retry writes it once.
        Assert.Equal("Before", (await server.Api.Session(id)).GetProperty("firstMessage").GetString());
    }

    private static void ShouldBeDown(ApiResponse health)
    {
        health.Should(503);
        Assert.Equal("down", health.Text("status"));
        Assert.DoesNotContain("healthy", health.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<(ApiResponse Response, TimeSpan Took)> MeasureTime(Task<ApiResponse> request)
    {
        var start = Clock.GetTimestamp();
        return (await request, Clock.GetElapsedTime(start));
    }

    private static Task<(ApiResponse Response, TimeSpan Took)[]> AskAll(OrionServer server, string id) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(n => MeasureTime((n % 4) switch
        {
            0 => server.Api.Get($"/api/sessions/{id}"),
            1 => server.Api.Get("/api/sessions"),
            2 => server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = "x" }),
            _ => server.Api.Post("/api/sessions", "{}"),
        })));
}
