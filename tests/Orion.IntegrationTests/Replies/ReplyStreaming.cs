using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Replies;

namespace Orion.IntegrationTests.Replies;

/// <summary>Replies and their streams within one process.</summary>
public abstract class ReplyStreaming(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task A_frame_is_stored_before_it_is_sent()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var call = await Server.Model.NextCall();

        for (var n = 0; n < 20; n++)
        {
            call.Write($"Piece {n}. ");
            var delta = await stream.Until("text-delta");
            var stored = await Orion.Database.Query("SELECT max(number + frame_count - 1) FROM reply_frames");
            Assert.True(int.Parse(stored[0].TrimEnd('|'), CultureInfo.InvariantCulture) >= delta.Id, $"{stored[0]} {delta}");
        }

        call.Finish();
        var rest = await stream.ToEnd();
        Assert.Equal(["text-end", "finish", null], rest.Select(frame => frame.Type));
        Assert.Equal("[DONE]", rest[^1].Data);
    }

    [Fact]
    public async Task A_stream_has_all_frames_in_order()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session, new { content = "Hello" });
        var call = await Server.Model.NextCall();
        call.Think("Hm").Think("m").Write("A").Write("B");
        call.Finish(usage: new TokenUsage(3, 2));

        var events = await stream.ToEnd();

        Assert.Equal(
            ["start", "reasoning-start", "reasoning-delta", "reasoning-delta", "reasoning-end", "text-start", "text-delta", "text-delta", "text-end", "finish", null],
            events.Select(frame => frame.Type));
        Assert.Equal(Enumerable.Range(1, 10), events.Take(10).Select(frame => frame.Id!.Value));
        var messages = (await Api.Get($"/api/sessions/{session}/messages")).Should(200);
        Assert.Equal(["Hello", "AB"], messages.Texts("messages", "content"));
        Assert.Equal(
            """{"model":"test-large","finishReason":"stop","usage":{"inputTokens":3,"outputTokens":2}}""",
            messages.Json.GetProperty("messages")[1].GetProperty("metadata").GetRawText());
    }

    [Fact]
    public async Task A_reply_goes_on_without_a_reader()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        ModelCall call;
        using (var stream = await Api.OpenReply(session))
        {
            call = await Server.Model.NextCall();
            call.Write("Before. ");
            await stream.Until("text-delta");
        }

        call.Write("After.").Finish();

        await Eventually.Until(
            async () => (await Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content") is [_, "Before. After."],
            "The reply has no message.");
    }

    [Fact]
    public async Task A_stream_continues_behind_the_last_frame_that_the_reader_has()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var first = await Api.OpenReply(session);
        var reply = (await first.Until("start")).Json.GetProperty("messageMetadata").GetProperty("replyId").GetString();
        var call = await Server.Model.NextCall();
        for (var n = 0; n < 100; n++) call.Write($"{n} ");
        while ((await first.Until("text-delta")).Id < 100)
        {
            // Reads on.
        }

        using var second = await Api.Open(HttpMethod.Get, $"/api/sessions/{session}/replies/{reply}", null, ("Last-Event-ID", "50"));
        call.Write("the end").Finish();

        var events = await second.ToEnd();
        Assert.Equal(Enumerable.Range(51, 55), events.SkipLast(1).Select(frame => frame.Id!.Value));
        Assert.Equal("the end", events[^4].Json.GetProperty("delta").GetString());
    }

    [Fact]
    public async Task A_stop_ends_a_silent_model_and_the_stream()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var reply = (await stream.Until("start")).Json.GetProperty("messageMetadata").GetProperty("replyId").GetString();
        var call = await Server.Model.NextCall();
        call.Write("Seen");
        await stream.Until("text-delta");

        (await Api.Post($"/api/sessions/{session}/replies/{reply}/stop", null)).Should(200);

        Assert.Equal(["text-end", "abort", null], (await stream.ToEnd()).Select(frame => frame.Type));
        await Eventually.Until(() => call.HasEnded, "The model goes on.", TimeSpan.FromSeconds(5));
        Assert.Equal(["Hello", "Seen"], (await Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content"));
    }

    [Fact]
    public async Task Deleting_the_session_ends_the_model_and_cuts_the_stream()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var call = await Server.Model.NextCall();
        call.Write("Seen");
        await stream.Until("text-delta");

        (await Api.Delete($"/api/sessions/{session}")).Should(204);

        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);
        await Eventually.Until(() => call.HasEnded, "The model goes on.", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_failure_of_the_model_keeps_the_text_and_is_logged_with_its_reason()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var stream = await Api.OpenReply(session);
        var call = await Server.Model.NextCall();
        call.Write("Half");
        call.Fail(ModelFailure.Busy);

        var events = await stream.ToEnd();

        Assert.Equal(["text-end", "error", null], events.TakeLast(3).Select(frame => frame.Type));
        Assert.Contains(Server.Log.All, line => line.Text.Contains("The test's failure.", StringComparison.Ordinal));
        Assert.Equal(["Hello", "Half"], (await Api.Get($"/api/sessions/{session}/messages")).Should(200).Texts("messages", "content"));
    }

    [Fact]
    public async Task The_model_gets_the_conversation_up_to_the_users_message()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        await Api.Append(session, "First question");
        await Api.Append(session, "First reply", "assistant");
        using var stream = await Api.OpenReply(session, new { content = "Second question", model = "test-small" });

        var call = await Server.Model.NextCall();
        call.Finish();

        Assert.Equal("test-small", call.Model);
        Assert.Equal(["First question", "First reply", "Second question"], call.Messages.Select(message => message.Text));
    }

    [Fact]
    public async Task A_user_who_loses_access_loses_streams_and_replies_within_5_seconds()
    {
        var email = $"left-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        await Orion.Authorize(email);
        var user = Server.As(email);
        Server.Model.TakeCalls();
        var session = await user.Create();
        using var stream = await user.OpenReply(session);
        var call = await Server.Model.NextCall();
        call.Write("Seen");
        await stream.Until("text-delta");

        var start = TimeProvider.System.GetTimestamp();
        await Orion.Database.Execute("UPDATE authorized_users SET revoked_at = @p0 WHERE email = @p1",
            Orion.Database.Instant(TimeProvider.System.GetUtcNow()), email);
        await Assert.ThrowsAnyAsync<IOException>(stream.ToEnd);

        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5), $"{TimeProvider.System.GetElapsedTime(start)}");
        await Eventually.Until(() => call.HasEnded, "The model goes on.", TimeSpan.FromSeconds(5));
        await Eventually.Until(
            async () => await Orion.Database.Query("SELECT status FROM replies") is ["stopped|"], "The reply goes on.", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_slow_reader_does_not_hold_up_the_reply_and_gets_everything()
    {
        Server.Model.TakeCalls();
        var session = await Api.Create();
        using var slow = await Api.OpenReply(session);
        var call = await Server.Model.NextCall();
        var reply = (await slow.Until("start")).Json.GetProperty("messageMetadata").GetProperty("replyId").GetString();
        using var fast = await Api.Open(HttpMethod.Get, $"/api/sessions/{session}/replies/{reply}");
        var piece = new string('x', 1000);
        for (var n = 0; n < 90; n++) call.Write(piece);
        for (var n = 0; n < 1000; n++) call.Think(piece[..90]);
        call.Finish();

        var all = await fast.ToEnd();
        var late = await slow.ToEnd();

        Assert.Equal("[DONE]", all[^1].Data);
        Assert.Equal(all.Skip(1), late);
    }
}

[Collection(OnPostgres.Name)]
public sealed class ReplyStreamingOnPostgres(PostgresOrion orion) : ReplyStreaming(orion);

[Collection(OnSqlite.Name)]
public sealed class ReplyStreamingOnSqlite(SqliteOrion orion) : ReplyStreaming(orion)
{
    [Fact]
    public async Task The_start_interrupts_the_replies_of_an_earlier_process_and_none_that_this_one_has_just_begun()
    {
        var earlier = await BeginWithoutStart();
        var instance = InstanceId.New(TimeProvider.System.GetUtcNow());
        await Orion.Database.Execute("UPDATE replies SET instance = @p0 WHERE session_id = @p1", instance.Value, earlier);
        var own = await BeginWithoutStart();

        using var start = ActivatorUtilities.CreateInstance<AbandonedReplies>(Server.Services);
        await start.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.Until(async () => await StatusOf(earlier) == "interrupted|", "The reply of the earlier process is streaming.");
        await start.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal("streaming|", await StatusOf(own));
        (await Api.Delete($"/api/sessions/{own}")).Should(204);
    }

    // A request that has stored its reply.
    private async Task<Guid> BeginWithoutStart()
    {
        var session = Guid.Parse(await Api.Create());
        var owner = Guid.Parse((await Orion.Database.Query("SELECT owner_id FROM sessions WHERE id = @p0", session))[0].TrimEnd('|'));
        Assert.True(EmailAddress.TryParse(OrionServer.Owner, out var email));
        var caller = new Caller(UserId.From(owner), email);
        var command = new BeginReply(caller, SessionId.From(session), MessageContent.Parse("Hello"));
        Assert.Null((await Server.Services.GetRequiredService<IDispatcher>().Send(command, TestContext.Current.CancellationToken)).Error);
        return session;
    }

    private async Task<string> StatusOf(Guid session) =>
        (await Orion.Database.Query("SELECT status FROM replies WHERE session_id = @p0", session))[0];
}
