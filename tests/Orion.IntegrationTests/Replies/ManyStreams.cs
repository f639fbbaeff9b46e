using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Replies;

/// <summary>
/// 200 streams at once beside ordinary requests. <c>ORION_TEST_STREAM_SECONDS</c> sets for how long the model writes; benchmarks/load
/// measures times.
/// </summary>
[Collection(Timed.Name)]
public sealed class ManyStreams
{
    private const int Users = 10;
    private const int StreamsOfAUser = 20;
    private const int All = Users * StreamsOfAUser;

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly int Seconds =
        int.Parse(Environment.GetEnvironmentVariable("ORION_TEST_STREAM_SECONDS") ?? "5", NumberStyles.None, CultureInfo.InvariantCulture);

    private static int Words => Seconds * 10;

    [Fact]
    public async Task Each_of_200_streams_is_complete_and_all_other_requests_succeed()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database, ("REPLIES_PER_USER", $"{StreamsOfAUser}"));
        server.Model.TakeCalls();
        var writing = Task.Run(() => WriteReplies(server.Model), Ct);
        var users = Enumerable.Range(0, Users).Select(n => $"user-{n}@example.com").ToList();
        foreach (var user in users) await database.Authorize(user, TimeProvider.System.GetUtcNow());

        using var ended = new CancellationTokenSource();
        var other = Enumerable.Range(0, 4).Select(n => Task.Run(() => UseSessions(server.As(users[n]), ended.Token), Ct)).ToList();
        var streams = Enumerable.Range(0, All).Select(n => Task.Run(() => Read(server.As(users[n % Users]), $"{n}"), Ct)).ToList();
        await Task.WhenAll(streams);
        await writing;
        await ended.CancelAsync();
        var requests = await Task.WhenAll(other);

        Assert.All(requests, count => Assert.True(count > 0));
        Assert.Equal([$"completed|stop|{All}|"], await database.Query("SELECT status, finish_reason, count(*) FROM replies GROUP BY 1, 2"));
        var expected = Enumerable.Range(0, All).Select(n => $"{TextOf($"{n}")}|").Order(StringComparer.Ordinal);
        var stored = await database.Query("SELECT content FROM messages WHERE role = 'assistant'");
        Assert.Equal(expected, stored.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["0|"], await database.Query("SELECT count(*) FROM sessions s WHERE message_count <> (SELECT count(*) FROM messages m WHERE m.session_id = s.id)"));
        Assert.DoesNotContain(server.Log.All, line => line.Level >= LogLevel.Error);
        TestContext.Current.TestOutputHelper?.WriteLine($"{requests.Sum()} other requests");
    }

    private static string TextOf(string question) => string.Concat(Enumerable.Range(0, Words).Select(n => WordOf(question, n)));

    private static string WordOf(string question, int n) => $"{question}:{n} ";

    // Each reply repeats its question, so that a frame of another one is noticed.
    private static async Task WriteReplies(TestModel model)
    {
        var calls = new List<ModelCall>();
        for (var n = 0; n < All; n++) calls.Add(await model.NextCall());
        for (var n = 0; n < Words; n++)
        {
            foreach (var call in calls) call.Write(WordOf(call.Messages[^1].Text, n));
            await Task.Delay(Pause, Ct);
        }

        foreach (var call in calls) call.Finish();
    }

    private static async Task Read(ApiClient api, string question)
    {
        using var stream = await api.OpenReply(await api.Create(), new { content = question });
        var events = await stream.ToEnd();
        var frames = events.Where(one => one.Data[0] == '{').ToList();
        Assert.Equal(Enumerable.Range(1, Words + 4), frames.Select(one => one.Id!.Value));
        var text = string.Concat(frames.Where(one => one.Type == "text-delta").Select(one => one.Json.GetProperty("delta").GetString()));
        Assert.Equal(TextOf(question), text);
        Assert.Equal(["text-end", "finish", null], events.TakeLast(3).Select(one => one.Type));
        Assert.Equal("[DONE]", events[^1].Data);
    }

    // Returns the number of requests.
    private static async Task<int> UseSessions(ApiClient api, CancellationToken ended)
    {
        var session = await api.Create();
        var count = 0;
        while (!ended.IsCancellationRequested)
        {
            await api.Append(session, "A message");
            (await api.Get("/api/sessions?limit=20")).Should(200);
            count += 2;
        }

        Assert.Equal(count / 2, (await api.Session(session)).GetProperty("messageCount").GetInt32());
        return count;
    }
}
