
namespace Orion.IntegrationTests.Concurrency;

/// <summary>Another transaction holds a lock that requests wait for, while the database responds otherwise.</summary>
public sealed class LockedRows(PostgresServers servers)
{
    // The longest wait for a connection of the pool, with a margin.
    private static readonly TimeSpan ConnectionWait = TimeSpan.FromSeconds(18);

    [Fact]
    public async Task A_pool_that_waits_for_a_lock_rejects_others_in_bounded_time_and_recovers_with_the_lock()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database, ("DB_POOL_SIZE", "3"));
        var id = await server.Api.Create();
        var other = await server.Api.Create();
        await using var holder = await database.Hold(id);
        var blocked = Enumerable.Range(0, 3).Select(n => server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = $"{n}" })).ToList();
        await Eventually.Until(async () => await RowLock.Waiting(database) == 3, "The appends do not wait.");

        var start = TimeProvider.System.GetTimestamp();
        var others = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => n % 2 == 0
            ? server.Api.Get($"/api/sessions/{other}")
            : server.Api.Post($"/api/sessions/{other}/messages", new { role = "user", content = "Other" })));
        Assert.True(TimeProvider.System.GetElapsedTime(start) < ConnectionWait, $"{TimeProvider.System.GetElapsedTime(start)}");
        Assert.All(others, response => response.ShouldBeUnavailable());
        // The database itself is healthy, and so is the health check.
        (await server.Anonymous.Get("/health")).Should(200);
        Assert.All(blocked, waiting => Assert.False(waiting.IsCompleted));

        await holder.DisposeAsync();
        Assert.Equal([1, 2, 3], (await Task.WhenAll(blocked)).Select(response => response.Should(201).Json.GetProperty("sequence").GetInt32()).Order());
        Assert.Equal(1, (await server.Api.Append(other, "Free")).GetProperty("sequence").GetInt32());
    }
}
