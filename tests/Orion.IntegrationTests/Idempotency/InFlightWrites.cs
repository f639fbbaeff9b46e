using System.Data.Common;
using System.Globalization;

namespace Orion.IntegrationTests.Idempotency;

/// <summary>A repeat that comes while the first request is still running: somebody else holds the rows that it needs.</summary>
public abstract class InFlightWrites(OrionFixture orion) : OrionTests(orion)
{
    protected const string Body = """{"role":"user","content":"x"}""";
    protected static readonly TimeProvider Clock = TimeProvider.System;
    protected static readonly (string, string) Key = ("Idempotency-Key", "key");

    [Fact]
    public async Task Repeats_wait_2_seconds_for_the_first_one_and_are_then_told_to_come_back()
    {
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);

        // Nobody knows yet what the first will be, not even whether the body is the same.
        var start = Clock.GetTimestamp();
        var requests = new[] { Body, Body, Body + " " }.Select(body => Api.Post(path, body, Key)).ToList();
        for (var n = 0; n < 2; n++)
        {
            var told = await Task.WhenAny(requests);
            requests.Remove(told);
            ToldToComeBack(await told, start);
        }

        Assert.False(requests[0].IsCompleted);
        await holder.DisposeAsync();
        var answer = (await requests[0]).Should(201);
        Assert.Null(answer.Header("Idempotency-Replayed"));
        Assert.Equal(1, (await Api.Session(id)).GetProperty("messageCount").GetInt32());
        Assert.Equal(["1|"], await Kept());
    }

    [Fact]
    public async Task Repeats_that_wait_get_the_answer_of_the_first_as_soon_as_there_is_one()
    {
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var requests = Enumerable.Range(0, 5).Select(_ => Api.Post(path, Body, Key)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

        await holder.DisposeAsync();

        var answers = await Task.WhenAll(requests);
        Assert.Single(answers, answer => answer.Should(201).Header("Idempotency-Replayed") is null);
        Assert.Single(answers.Select(answer => answer.BodyText).Distinct());
    }

    [Fact]
    public async Task A_repeat_takes_the_place_of_a_first_one_that_fails()
    {
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var requests = Enumerable.Range(0, 2).Select(_ => Api.Post(path, Body, Key)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

        await Archive(holder, id);

        foreach (var answer in await Task.WhenAll(requests)) answer.ShouldRefuse(409, "session_archived");
        Assert.Equal(["0|"], await Kept());
    }

    protected static void ToldToComeBack(ApiResponse repeat, long start)
    {
        repeat.ShouldRefuse(409, "conflict");
        Assert.True(int.Parse(repeat.Needs("Retry-After"), CultureInfo.InvariantCulture) >= 1);
        Assert.InRange(Clock.GetElapsedTime(start).TotalSeconds, 1.9, 4.5);
    }

    // Archives a session under the hands of those who wait for it, and gives it back.
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

    protected Task<IReadOnlyList<string>> Kept() => Orion.Database.Query("SELECT count(*) FROM idempotency_keys");

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
    public async Task A_repeat_on_another_instance_waits_as_long_and_is_told_the_same()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);

        var start = Clock.GetTimestamp();
        foreach (var repeat in await Task.WhenAll(other.Api.Post(path, Body, Key), Api.Post(path, Body, Key))) ToldToComeBack(repeat, start);

        // Other keys, and requests without one, are not held up by the key.
        (await Api.Post(path.Replace(id, await Api.Create(), StringComparison.Ordinal), Body, Key)).Should(201);
        Assert.False(first.IsCompleted);

        await holder.DisposeAsync();
        var answer = (await first).Should(201);
        Assert.Null(answer.Header("Idempotency-Replayed"));
        var replay = (await other.Api.Post(path, Body, Key)).Should(201);
        Assert.Equal(("true", answer.BodyText), (replay.Header("Idempotency-Replayed"), replay.BodyText));
        Assert.Equal(1, (await Api.Session(id)).GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task A_repeat_that_waits_on_another_instance_gets_the_answer_of_the_first()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);
        var repeat = other.Api.Post(path, Body, Key);
        await UntilWaiting(2);

        await holder.DisposeAsync();

        var answers = await Task.WhenAll(first, repeat);
        Assert.Equal([null, "true"], answers.Select(answer => answer.Should(201).Header("Idempotency-Replayed")));
        Assert.Equal(answers[0].BodyText, answers[1].BodyText);
    }

    [Fact]
    public async Task A_repeat_on_another_instance_takes_the_place_of_a_first_one_that_fails()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var (id, path) = await Session();
        await using var holder = await Orion.Database.Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);
        var repeat = other.Api.Post(path, Body + " ", Key);
        await UntilWaiting(2);

        // The first is refused, and the key is free for the next one, which is refused for itself.
        await Archive(holder, id);

        foreach (var answer in await Task.WhenAll(first, repeat)) answer.ShouldRefuse(409, "session_archived");
        Assert.Equal(["0|"], await Kept());
    }

    private Task UntilWaiting(int count) => Eventually.Until(
        async () => await RowLock.Waiting((PostgresDatabase)Orion.Database) >= count, "Nobody waits.");
}

[Collection(OnSqlite.Name)]
public sealed class InFlightWritesOnSqlite(SqliteOrion orion) : InFlightWrites(orion)
{
    protected override string ArchivedAt => "1";
}
