using System.Data.Common;
using System.Globalization;

namespace Orion.IntegrationTests.Idempotency;

/// <summary>A repeat while the first request is still running, because another transaction holds its rows.</summary>
public abstract class InFlightWrites(OrionFixture orion) : OrionTests(orion)
{
    protected const string Body = """{"role":"user","content":"x"}""";
    protected static readonly TimeProvider Clock = TimeProvider.System;
    protected static readonly (string, string) Key = ("Idempotency-Key", "key");

    [Fact]
    public async Task Repeats_wait_2_seconds_for_the_first_request_and_then_get_409()
    {
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);

        // The outcome of the first request is unknown, so a different body is not reported yet.
        var start = Clock.GetTimestamp();
        var requests = new[] { Body, Body, Body + " " }.Select(body => Api.Post(path, body, Key)).ToList();
        for (var n = 0; n < 2; n++)
        {
            var finished = await Task.WhenAny(requests);
            requests.Remove(finished);
            ShouldRetryLater(await finished, start);
        }

        Assert.False(requests[0].IsCompleted);
        await holder.DisposeAsync();
        var response = (await requests[0]).Should(201);
        Assert.Null(response.Header("Idempotency-Replayed"));
        Assert.Equal(1, (await Api.Session(id)).GetProperty("messageCount").GetInt32());
        Assert.Equal(["1|"], await StoredKeys());
    }

    [Fact]
    public async Task Waiting_repeats_get_the_response_of_the_first_request()
    {
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var requests = Enumerable.Range(0, 5).Select(_ => Api.Post(path, Body, Key)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

        await holder.DisposeAsync();

        var responses = await Task.WhenAll(requests);
        Assert.Single(responses, response => response.Should(201).Header("Idempotency-Replayed") is null);
        Assert.Single(responses.Select(response => response.BodyText).Distinct());
    }

    [Fact]
    public async Task A_repeat_runs_if_the_first_request_fails()
    {
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var requests = Enumerable.Range(0, 2).Select(_ => Api.Post(path, Body, Key)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

        await Archive(holder, id);

        foreach (var response in await Task.WhenAll(requests)) response.ShouldBeProblem(409, "session_archived");
        Assert.Equal(["0|"], await StoredKeys());
    }

    protected static void ShouldRetryLater(ApiResponse repeat, long start)
    {
        repeat.ShouldBeProblem(409, "conflict");
        Assert.True(int.Parse(repeat.Required("Retry-After"), CultureInfo.InvariantCulture) >= 1);
        Assert.InRange(Clock.GetElapsedTime(start).TotalSeconds, 1.9, 4.5);
    }

    // Archives a session while others wait for it, and releases it.
    protected async Task Archive(DbConnection holder, string id)
    {
        await Run(holder, $"UPDATE sessions SET archived_at = {ArchivedAt} WHERE id = '{Orion.Database.Id(Guid.Parse(id))}'");
        await Run(holder, "COMMIT");
    }

    protected async Task<(string Id, string Path)> Session()
    {
        var id = await Api.Create();
        return (id, $"/api/sessions/{id}/messages");
    }

    protected Task<IReadOnlyList<string>> StoredKeys() => Orion.Database.Query("SELECT count(*) FROM idempotency_keys");

    protected static async Task Run(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>An instant, in SQL.</summary>
    protected abstract string ArchivedAt { get; }
}

[Collection(OnPostgres.Name)]
public sealed class InFlightWritesOnPostgres(PostgresOrion orion) : InFlightWrites(orion)
{
    protected override string ArchivedAt => "now()";

    [Fact]
    public async Task A_repeat_on_another_instance_waits_as_long_and_gets_409_too()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);

        var start = Clock.GetTimestamp();
        foreach (var repeat in await Task.WhenAll(other.Api.Post(path, Body, Key), Api.Post(path, Body, Key))) ShouldRetryLater(repeat, start);

        // Other keys, and requests without a key, do not wait.
        (await Api.Post(path.Replace(id, await Api.Create(), StringComparison.Ordinal), Body, Key)).Should(201);
        Assert.False(first.IsCompleted);

        await holder.DisposeAsync();
        var response = (await first).Should(201);
        Assert.Null(response.Header("Idempotency-Replayed"));
        var replay = (await other.Api.Post(path, Body, Key)).Should(201);
        Assert.Equal(("true", response.BodyText), (replay.Header("Idempotency-Replayed"), replay.BodyText));
        Assert.Equal(1, (await Api.Session(id)).GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task A_waiting_repeat_on_another_instance_gets_the_response_of_the_first_request()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);
        var repeat = other.Api.Post(path, Body, Key);
        await UntilWaiting(2);

        await holder.DisposeAsync();

        var responses = await Task.WhenAll(first, repeat);
        Assert.Equal([null, "true"], responses.Select(response => response.Should(201).Header("Idempotency-Replayed")));
        Assert.Equal(responses[0].BodyText, responses[1].BodyText);
    }

    [Fact]
    public async Task A_repeat_on_another_instance_runs_if_the_first_request_fails()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);
        var repeat = other.Api.Post(path, Body + " ", Key);
        await UntilWaiting(2);

        // The first request is rejected, so the key is free. The next one runs and is rejected too.
        await Archive(holder, id);

        foreach (var response in await Task.WhenAll(first, repeat)) response.ShouldBeProblem(409, "session_archived");
        Assert.Equal(["0|"], await StoredKeys());
    }

    private Task UntilWaiting(int count) => Eventually.Until(
        async () => await RowLock.Waiting((PostgresDatabase)Orion.Database) >= count, "No request waits for the lock.");
}

[Collection(OnSqlite.Name)]
public sealed class InFlightWritesOnSqlite(SqliteOrion orion) : InFlightWrites(orion)
{
    protected override string ArchivedAt => "1";
}
