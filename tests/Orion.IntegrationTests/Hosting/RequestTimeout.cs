using Microsoft.Data.Sqlite;

namespace Orion.IntegrationTests.Hosting;

/// <summary>
/// A request that runs longer than 30 s is cancelled: contract, section 7. Here it waits for a lock of another transaction.
/// </summary>
public sealed class RequestTimeoutOnPostgres(PostgresServers servers)
{
    [Fact]
    public async Task A_request_over_30_seconds_is_cancelled_and_changes_nothing()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create(new { firstMessage = "First" });
        var free = await server.Api.Create();
        await using var holder = await database.Hold(id);
        var before = await database.Snapshot();

        var start = TimeProvider.System.GetTimestamp();
        var blocked = new[]
        {
            server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = "Waits" }),
            server.Api.Patch($"/api/sessions/{id}", new { title = "Waits" }),
            server.Api.Delete($"/api/sessions/{id}"),
        };
        // Reads do not wait for locks.
        Assert.Equal("First", (await server.Api.Session(id)).GetProperty("firstMessage").GetString());
        Assert.Equal(before, await database.Snapshot());
        await server.Api.Append(free, "Goes on");
        (await server.Anonymous.Get("/health")).Should(200);
        before = await database.Snapshot();
        var responses = await Task.WhenAll(blocked);

        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 28, 33);
        Assert.All(responses, response => response.ShouldBeUnavailable());
        await Eventually.Until(async () => await RowLock.Waiting(database) == 0, "PostgreSQL still executes the cancelled requests.");
        await holder.DisposeAsync();
        Assert.Equal(before, await database.Snapshot());
        Assert.Equal(2, (await server.Api.Append(id, "Second")).GetProperty("sequence").GetInt32());
    }
}

/// <summary>SQLite has one lock for the whole database. Only another process can hold it for so long.</summary>
public sealed class RequestTimeoutOnSqlite
{
    [Fact]
    public async Task A_long_write_of_another_process_to_SQLite_does_not_block_reads()
    {
        await using var database = new SqliteDatabase();
        await using var server = await OrionServer.Start(database);
        var id = await server.Api.Create(new { firstMessage = "First" });
        await using var holder = new SqliteConnection($"Data Source={Path.Combine(database.DataFolder, "orion.db")};Pooling=False");
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using var writing = holder.BeginTransaction(deferred: false);
        var before = await database.Snapshot();

        var start = TimeProvider.System.GetTimestamp();
        var blocked = Enumerable.Range(0, 4).Select(n => server.Api.Post($"/api/sessions/{id}/messages", new { role = "user", content = $"{n}" })).ToList();
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal("First", (await server.Api.Session(id)).GetProperty("firstMessage").GetString());
            (await server.Anonymous.Get("/health")).Should(200);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10), $"Reading took {TimeProvider.System.GetElapsedTime(start)}");
        var responses = await Task.WhenAll(blocked);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(37), $"{TimeProvider.System.GetElapsedTime(start)}");
        Assert.All(responses, response => response.ShouldBeUnavailable());
        await writing.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before, await database.Snapshot());
        Assert.Equal(2, (await server.Api.Append(id, "Second")).GetProperty("sequence").GetInt32());
    }
}
