using System.Collections.Concurrent;

namespace Orion.IntegrationTests.Replies;

/// <summary>Replies while their database is away.</summary>
public sealed class RepliesDuringOutages
{
    [Fact]
    public async Task A_short_outage_loses_nothing_and_a_long_one_interrupts_the_reply()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        server.Model.TakeCalls();
        var session = await server.Api.Create();
        using var stream = await server.Api.OpenReply(session);
        var call = await server.Model.NextCall();
        call.Write("Before");
        await stream.Until("text-delta");

        await postgres.Stop();
        call.Write("During");
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        await postgres.Start();
        Assert.Equal("During", (await stream.Until("text-delta")).Json.GetProperty("delta").GetString());

        await postgres.Stop();
        call.Write("Lost");
        await Eventually.Until(() => server.Log.All.Count(line => line.Event.Id == 5001) >= 2, "The writer does not fail.");
        server.Clock.Advance(TimeSpan.FromSeconds(21));
        await Eventually.Until(() => call.HasEnded, "The model goes on.");
        // Longer than two intervals of the looks at leases.
        await Task.Delay(TimeSpan.FromSeconds(11), TestContext.Current.CancellationToken);
        // One line for each outage.
        Assert.InRange(server.Log.All.Count(line => line.Event.Id == 5008), 1, 2);
        await postgres.Start();

        await Eventually.Until(async () => await Status(database) == "interrupted|", "The reply is not interrupted.");
        Assert.Equal(["Hello", "BeforeDuring"], (await server.Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content"));
    }

    [Fact]
    public async Task A_frozen_database_holds_up_streams_that_then_go_on_without_loss_or_repetition()
    {
        const int Words = 700;
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        await using var other = await OrionServer.Start(database);
        server.Model.TakeCalls();
        var session = await server.Api.Create();
        using var stream = await server.Api.OpenReply(session);
        var call = await server.Model.NextCall();
        using var remote = await other.Api.Open(HttpMethod.Get, $"/api/sessions/{session}/stream");
        var (events, remoteEvents) = (new ConcurrentQueue<StreamEvent>(), new ConcurrentQueue<StreamEvent>());
        var reading = Task.WhenAll(Collect(stream, events), Collect(remote, remoteEvents));
        var writing = Task.Run(async () =>
        {
            for (var n = 0; n < Words; n++)
            {
                call.Write($"{n} ");
                await Task.Delay(25, TestContext.Current.CancellationToken);
            }

            call.Finish();
        }, TestContext.Current.CancellationToken);
        await Eventually.Until(() => events.Count > 10 && remoteEvents.Count > 10, "Nothing is sent.");

        await postgres.Freeze();
        // What was stored before is still on its way.
        var seen = (0, 0);
        while (seen != (events.Count, remoteEvents.Count))
        {
            seen = (events.Count, remoteEvents.Count);
            await Task.Delay(2000, TestContext.Current.CancellationToken);
        }

        // The writer does not know what has become of this write. The next attempt fails before it can send anything: a new connection has 4 s.
        await Eventually.Until(() => server.Log.All.Any(line => line.Event.Id == 5001), "The writer does not fail.");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted);
        Assert.Equal(seen, (events.Count, remoteEvents.Count));
        await postgres.Thaw();

        await reading;
        await writing;
        var text = string.Concat(Enumerable.Range(0, Words).Select(n => $"{n} "));
        foreach (var read in (ConcurrentQueue<StreamEvent>[])[events, remoteEvents])
        {
            Assert.Equal(Enumerable.Range(1, read.Count - 1), read.SkipLast(1).Select(one => one.Id!.Value));
            Assert.Equal("[DONE]", read.Last().Data);
            Assert.Equal(text, TextOf(read));
        }

        Assert.Equal(["Hello|", $"{text}|"], await database.Query("SELECT content FROM messages ORDER BY sequence"));
        Assert.Equal("completed|", await Status(database));
    }

    [Fact]
    public async Task A_database_that_is_frozen_for_too_long_cuts_the_streams_and_interrupts_the_reply_with_its_stored_text()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var server = await OrionServer.Start(database);
        server.Model.TakeCalls();
        var session = await server.Api.Create();
        using var stream = await server.Api.OpenReply(session);
        var call = await server.Model.NextCall();
        call.Write("Seen");
        await stream.Until("text-delta");

        await postgres.Freeze();
        call.Write(" and not sent");
        await Eventually.Until(() => server.Log.All.Any(line => line.Event.Id == 5001), "The writer does not fail.");
        server.Clock.Advance(TimeSpan.FromSeconds(21));
        await Eventually.Until(() => call.HasEnded, "The model goes on.");
        server.Clock.Advance(TimeSpan.FromSeconds(21));
        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
        Assert.DoesNotContain("not sent", stream.Received, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", stream.Received, StringComparison.Ordinal);
        await postgres.Thaw();

        await Eventually.Until(async () => await Status(database) == "interrupted|", "The reply is not interrupted.");
        await server.BecomesReady();
        using var again = await server.Api.Open(HttpMethod.Get, stream.Header("Location")!);
        var events = await again.ToEnd();
        Assert.Equal(Enumerable.Range(1, events.Count - 1), events.SkipLast(1).Select(one => one.Id!.Value));
        Assert.Equal(["text-end", "abort", null], events.TakeLast(3).Select(one => one.Type));
        // The last write may have been carried out after the freeze.
        Assert.Contains(TextOf(events), (string[])["Seen", "Seen and not sent"]);
        Assert.Equal(["Hello", TextOf(events)], (await server.Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content"));
    }

    private static async Task Collect(EventStreamReader stream, ConcurrentQueue<StreamEvent> events)
    {
        while (await stream.Next() is { } next)
        {
            if (next.Data != ": ping") events.Enqueue(next);
        }
    }

    private static string TextOf(IEnumerable<StreamEvent> events) =>
        string.Concat(events.Where(one => one.Type == "text-delta").Select(one => one.Json.GetProperty("delta").GetString()));

    private static async Task<string> Status(PostgresDatabase database) => (await database.Query("SELECT status FROM replies"))[0];
}
