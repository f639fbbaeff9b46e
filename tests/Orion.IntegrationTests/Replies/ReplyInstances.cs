using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Orion.IntegrationTests.Replies;

/// <summary>Replies that are read, stopped or ended by another instance than the one that streams them.</summary>
[Collection(OnPostgres.Name)]
public sealed class ReplyInstances(PostgresOrion orion) : OrionTests(orion)
{
    [Fact]
    public async Task A_stream_can_be_read_and_resumed_at_another_instance()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var reply = await ReplyOf(stream);
        var call = await Server.Model.NextCall();
        call.Write("One ");
        await stream.Until("text-delta");

        using var second = await other.Api.Open(HttpMethod.Get, $"/api/sessions/{session}/stream");
        await second.Until("text-delta");
        using var third = await other.Api.Open(HttpMethod.Get, $"/api/sessions/{session}/replies/{reply}", null, ("Last-Event-ID", "2"));
        for (var n = 0; n < 20; n++)
        {
            call.Write($"{n} ");
            var sent = await stream.Until("text-delta");
            Assert.Equal(sent, await second.Until("text-delta"));
        }

        call.Finish();

        Assert.Equal(["text-end", "finish", null], (await second.ToEnd()).Select(frame => frame.Type));
        var resumed = await third.ToEnd();
        Assert.Equal(Enumerable.Range(3, resumed.Count - 1), resumed.SkipLast(1).Select(frame => frame.Id!.Value));
        Assert.Equal("[DONE]", resumed[^1].Data);
    }

    [Fact]
    public async Task A_stop_at_another_instance_ends_a_silent_model()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var reply = await ReplyOf(stream);
        var call = await Server.Model.NextCall();
        call.Write("Seen");
        await stream.Until("text-delta");

        (await other.Api.Post($"/api/sessions/{session}/replies/{reply}/stop", null)).Should(200);

        Assert.Equal(["text-end", "abort", null], (await stream.ToEnd()).Select(frame => frame.Type));
        await Eventually.Until(() => call.HasEnded, "The model goes on.", TimeSpan.FromSeconds(2));
        Assert.Equal(["Hello", "Seen"], (await Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content"));
    }

    [Fact]
    public async Task A_reply_whose_lease_is_not_renewed_for_30_seconds_is_interrupted_with_what_was_stored()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var call = await Server.Model.NextCall();
        call.Write("Stored");
        await stream.Until("text-delta");
        using var reader = await other.Api.Open(HttpMethod.Get, $"/api/sessions/{session}/stream");
        await reader.Until("text-delta");

        // From now on, the process that streams it is one that does not run.
        await Orion.Database.Execute("UPDATE replies SET instance = @p0", Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        call.Write("Lost");
        await Eventually.Until(() => call.HasEnded, "The model goes on.");
        // Longer than the interval of the looks at leases.
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        Assert.Equal(["streaming|"], await Orion.Database.Query("SELECT status FROM replies"));
        other.Clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(["text-end", "abort", null], (await reader.ToEnd()).Select(frame => frame.Type));
        Assert.Equal(["text-end", "abort", null], (await stream.ToEnd()).Select(frame => frame.Type));
        Assert.Equal(["Hello", "Stored"], (await Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content"));
        Assert.Equal(["interrupted|"], await Orion.Database.Query("SELECT status FROM replies"));
    }

    [Fact]
    public async Task Locked_sessions_do_not_delay_the_end_of_other_abandoned_replies()
    {
        await using var writer = await OrionServer.Start(Orion.Database, ("REPLIES_PER_USER", "6"));
        await using var other = await OrionServer.Start(Orion.Database);
        writer.Model.TakeCalls();
        var sessions = new List<string>();
        for (var n = 0; n < 6; n++)
        {
            sessions.Add(await writer.Api.Create());
            using var stream = await writer.Api.OpenReply(sessions[n]);
            (await writer.Model.NextCall()).Write("Seen");
            await stream.Until("text-delta");
        }

        await Orion.Database.Execute("UPDATE replies SET instance = @p0", Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        var locks = await Task.WhenAll(sessions.Take(5).Select(Orion.Database.Hold));
        try
        {
            // Longer than the interval of the looks at leases.
            await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
            other.Clock.Advance(TimeSpan.FromSeconds(31));

            await Eventually.Until(async () => await Interrupted() is [var one] && one == $"{sessions[5]}|", "A locked session delays it.");
        }
        finally
        {
            foreach (var one in locks) await one.DisposeAsync();
        }

        await Eventually.Until(async () => (await Interrupted()).Count == 6, "A reply whose session was locked is not interrupted.");
    }

    [Fact]
    public async Task A_running_reply_is_not_interrupted_by_an_instance_whose_clock_jumps()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var call = await Server.Model.NextCall();
        call.Write("Seen");
        await stream.Until("text-delta");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);

        Server.Clock.Advance(TimeSpan.FromDays(2));
        Server.Clock.Advance(-TimeSpan.FromDays(2));
        other.Clock.Advance(TimeSpan.FromSeconds(31));
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);

        Assert.Equal(["streaming|"], await Orion.Database.Query("SELECT status FROM replies"));
        call.Finish();
        Assert.Equal(["text-end", "finish", null], (await stream.ToEnd()).Select(frame => frame.Type));
    }

    [Fact]
    public async Task A_locked_reply_does_not_hold_up_the_others()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var locked = await Api.OpenReply(session);
        var reply = await ReplyOf(locked);
        var first = await Server.Model.NextCall();
        using var free = await Api.OpenReply(await Api.Create());
        var second = await Server.Model.NextCall();
        await using var connection = new NpgsqlConnection(((PostgresDatabase)Orion.Database).Connection.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"SELECT 1 FROM replies WHERE id = '{reply}' FOR UPDATE", connection);
        await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);

        first.Write("Waits");
        var waiting = locked.Until("text-delta");
        for (var n = 0; n < 50; n++)
        {
            second.Write("Goes on");
            await free.Until("text-delta");
        }

        Assert.False(waiting.IsCompleted);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal("Waits", (await waiting).Json.GetProperty("delta").GetString());
        first.Finish();
        second.Finish();
        await locked.ToEnd();
        await free.ToEnd();
    }

    [Fact]
    public async Task A_shutdown_gives_replies_10_seconds_and_cuts_the_streams_of_other_instances()
    {
        await using var stopping = await OrionServer.Start(Orion.Database);
        stopping.Model.TakeCalls();
        Server.Model.TakeCalls();
        var own = await Api.Create();
        using var ownStream = await stopping.Api.OpenReply(own);
        var call = await stopping.Model.NextCall();
        call.Write("Seen");
        await ownStream.Until("text-delta");
        var others = await Api.Create();
        using var source = await Api.OpenReply(others);
        var other = await Server.Model.NextCall();
        using var othersStream = await stopping.Api.Open(HttpMethod.Get, $"/api/sessions/{others}/stream");
        await othersStream.Until("start");

        var start = TimeProvider.System.GetTimestamp();
        stopping.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var stop = stopping.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(othersStream.ToEnd);
        var cutAfter = TimeProvider.System.GetElapsedTime(start);
        var rest = await ownStream.ToEnd();
        var endedAfter = TimeProvider.System.GetElapsedTime(start);
        await stop;

        Assert.Equal(["text-end", "abort", null], rest.Select(frame => frame.Type));
        Assert.Equal("interrupted", rest[1].Json.GetProperty("reason").GetString());
        Assert.True(cutAfter < TimeSpan.FromSeconds(4), $"{cutAfter}");
        Assert.True(endedAfter > TimeSpan.FromSeconds(9), $"{endedAfter}");
        Assert.Equal(["Hello", "Seen"], (await Api.Get($"/api/sessions/{own}/messages")).Should(200).Texts("messages", "content"));
        other.Finish();
        await source.ToEnd();
    }

    private Task<IReadOnlyList<string>> Interrupted() => Orion.Database.Query("SELECT session_id FROM replies WHERE status = 'interrupted'");

    private static async Task<string> ReplyOf(EventStreamReader stream) =>
        (await stream.Until("start")).Json.GetProperty("messageMetadata").GetProperty("replyId").GetString()!;
}
