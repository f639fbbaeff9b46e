using System.Globalization;
using Npgsql;
using Orion.IntegrationTests.Databases;
using Orion.IntegrationTests.Hosting;

namespace Orion.IntegrationTests.Sessions;

/// <summary>A repeat that comes while the first request is still running. On SQLite none can: its writers take turns.</summary>
[Collection(OnPostgres.Name)]
public sealed class RunningWrites(PostgresOrion orion) : OrionTests(orion)
{
    private const string Body = """{"role":"user","content":"x"}""";
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly (string, string) Key = ("Idempotency-Key", "key");

    [Fact]
    public async Task A_repeat_waits_2_seconds_for_the_first_one_and_is_then_told_to_come_back()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var (id, path) = await Session();
        await using var holder = await Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);

        // On this instance and on another one, with the same body and with another one: nobody knows yet what the first will be.
        var start = Clock.GetTimestamp();
        var repeats = await Task.WhenAll(Api.Post(path, Body, Key), other.Api.Post(path, Body, Key), Api.Post(path, Body + " ", Key));
        Assert.InRange(Clock.GetElapsedTime(start).TotalSeconds, 1.9, 4.5);
        foreach (var repeat in repeats)
        {
            repeat.ShouldRefuse(409, "conflict");
            Assert.True(int.Parse(repeat.Needs("Retry-After"), CultureInfo.InvariantCulture) >= 1);
        }

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
    public async Task A_repeat_that_waits_gets_the_answer_of_the_first_as_soon_as_there_is_one()
    {
        var (id, path) = await Session();
        await using var holder = await Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);
        var repeat = Api.Post(path, Body, Key);
        await UntilWaiting(2);

        await holder.DisposeAsync();

        var answers = await Task.WhenAll(first, repeat);
        Assert.Equal([null, "true"], answers.Select(answer => answer.Should(201).Header("Idempotency-Replayed")));
        Assert.Equal(answers[0].BodyText, answers[1].BodyText);
    }

    [Fact]
    public async Task A_repeat_takes_the_place_of_a_first_one_that_fails()
    {
        var (id, path) = await Session();
        await using var holder = await Hold(id);
        var first = Api.Post(path, Body, Key);
        await UntilWaiting(1);
        var repeat = Api.Post(path, Body + " ", Key);
        await UntilWaiting(2);

        // Archived under its hands: the first is refused, and the key is free for the next one, which is refused for itself.
        await using (var archive = new NpgsqlCommand("UPDATE sessions SET archived_at = now() WHERE id = @id", holder))
        {
            archive.Parameters.AddWithValue("id", Guid.Parse(id));
            await archive.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using (var commit = new NpgsqlCommand("COMMIT", holder)) await commit.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        foreach (var answer in await Task.WhenAll(first, repeat)) answer.ShouldRefuse(409, "session_archived");
        Assert.Equal(["0|"], await Orion.Database.Query("SELECT count(*) FROM idempotency_keys"));
    }

    private async Task<(string Id, string Path)> Session()
    {
        var id = await Api.Create();
        return (id, $"/api/sessions/{id}/messages");
    }

    // Holds the session's row in a transaction until it is disposed of.
    private async Task<NpgsqlConnection> Hold(string id)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(((PostgresDatabase)Orion.Database).Connection.ConnectionString) { Pooling = false };
        var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync();
        await using var begin = new NpgsqlCommand("BEGIN", connection);
        await begin.ExecuteNonQueryAsync();
        await using var hold = new NpgsqlCommand("SELECT 1 FROM sessions WHERE id = @id FOR UPDATE", connection);
        hold.Parameters.AddWithValue("id", Guid.Parse(id));
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    private async Task UntilWaiting(int count)
    {
        var start = Clock.GetTimestamp();
        while ((await Orion.Database.Query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).Count < count)
        {
            Assert.True(Clock.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "Nobody waits.");
            await Task.Delay(20);
        }
    }
}
