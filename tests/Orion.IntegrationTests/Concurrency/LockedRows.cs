
namespace Orion.IntegrationTests.Concurrency;

/// <summary>Somebody else holds a lock that requests wait for, while the database answers otherwise.</summary>
public sealed class LockedRows(PostgresServers servers)
{
    // The longest that a request waits for a connection of the pool, with some air.
    private static readonly TimeSpan ConnectionWait = TimeSpan.FromSeconds(18);

    [Fact]
    public async Task A_pool_that_waits_for_a_lock_refuses_others_in_bounded_time_and_is_free_with_it()
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
        Assert.All(others, answer => answer.ShouldBeUnavailable());
        // The database itself is well, and that is what health says.
        (await server.Anonymous.Get("/health")).Should(200);
        Assert.All(blocked, waiting => Assert.False(waiting.IsCompleted));

        await holder.DisposeAsync();
        Assert.Equal([1, 2, 3], (await Task.WhenAll(blocked)).Select(answer => answer.Should(201).Json.GetProperty("sequence").GetInt32()).Order());
        Assert.Equal(1, (await server.Api.Append(other, "Free")).GetProperty("sequence").GetInt32());
    }
}
