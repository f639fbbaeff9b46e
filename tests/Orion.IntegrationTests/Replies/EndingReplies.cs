using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Application.Users;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.IntegrationTests.Replies;

/// <summary>How replies end, what is kept of them, and what their streams are afterwards.</summary>
public abstract class EndingReplies(OrionFixture orion) : ReplyTests(orion)
{
    private const int Races = 200;

    [Fact]
    public async Task A_reply_ends_with_its_last_frames_and_its_message()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        await Store(reply, caller, [.. reply.Write("Hm", isReasoning: true), .. reply.Write("One \"two\"\n")]);
        Assert.Equal("One \"two\"\n", (await Send(server, new GetReply(caller, reply.Session, reply.Id))).Value.Text);

        var view = (await Send(server, Complete(reply, caller, reply.Write("three")))).Value;

        Assert.Equal(("completed", "stop", null, "One \"two\"\nthree"), (view.Status, view.FinishReason, view.Error, view.Text));
        Assert.NotNull(view.FinishedAt);
        Assert.Equal(view, (await Send(server, new GetReply(caller, reply.Session, reply.Id))).Value);
        var message = (await server.Api.Get($"/api/sessions/{session}/messages/{view.MessageId}")).Should(200).Json;
        Assert.Equal(("assistant", view.Text, 2), (message.GetProperty("role").GetString(), message.GetProperty("content").GetString(), message.GetProperty("sequence").GetInt32()));
        Assert.Equal("""{"model":"test-large","finishReason":"stop","usage":{"inputTokens":12,"outputTokens":34}}""", message.GetProperty("metadata").GetRawText());
        Assert.Equal(view.Text, (await server.Api.Session(session)).GetProperty("lastMessage").GetString());
        Assert.Equal(
            ["start", "reasoning-start", "reasoning-delta", "reasoning-end", "text-start", "text-delta", "text-delta", "text-end", "finish"],
            (await ReadAll(server, reply, caller)).Select(TypeOf));
        Assert.Null((await Send(server, new FindRunningReply(caller, reply.Session))).Value.Reply);
    }

    [Fact]
    public async Task A_reply_that_has_ended_stays_as_it_is()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        var stopped = (await Send(server, new EndReply(caller, reply.Session, reply.Id, reply.Write("Text"), ReplyEnd.Stopped))).Value;
        var before = await Orion.Database.Snapshot();

        Assert.Equal(stopped, (await Send(server, Complete(reply, caller, reply.Write("late")))).Value);
        Assert.Equal(stopped, (await Send(server, new StopReply(caller, reply.Session, reply.Id))).Value);
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task Only_the_expected_instance_and_lease_end_a_reply()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        var end = new EndReply(caller, reply.Session, reply.Id, [], ReplyEnd.Interrupted);

        Assert.Equal("streaming", (await Send(server, end with { Lease = 7 })).Value.Status);
        Assert.Equal("streaming", (await Send(server, end with { Instance = InstanceId.New(server.Clock.GetUtcNow()) })).Value.Status);
        Assert.Equal("interrupted", (await Send(server, end with { Lease = 0 })).Value.Status);
    }

    [Fact]
    public async Task Frames_that_are_stored_already_are_not_added_again()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        var stored = reply.Write("One");
        await Store(reply, caller, stored);

        var view = (await Send(server, Complete(reply, caller, [.. stored, .. reply.Write(" two")]))).Value;

        Assert.Equal("One two", view.Text);
        Assert.Equal(Enumerable.Range(1, 6), (await ReadAll(server, reply, caller)).Select(frame => frame.Number));
    }

    [Fact]
    public async Task Without_text_no_message_is_appended()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);

        var view = (await Send(server, new EndReply(caller, reply.Session, reply.Id, reply.Write("Hm", isReasoning: true), ReplyEnd.Failed(ModelFailure.Busy)))).Value;

        Assert.Equal(("failed", "error", "model_busy", ""), (view.Status, view.FinishReason, view.Error, view.Text));
        Assert.Equal(1, (await server.Api.Session(session)).GetProperty("messageCount").GetInt32());
        Assert.Equal(view, (await Send(server, new GetReply(caller, reply.Session, reply.Id))).Value);
    }

    [Fact]
    public async Task Archiving_the_session_stops_its_reply_and_keeps_the_text()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        await Store(reply, caller, reply.Write("So far"));

        var archived = (await server.Api.Patch($"/api/sessions/{session}", new { archived = true })).Should(200);

        Assert.Equal(("So far", 3), (archived.Text("lastMessage"), archived.Json.GetProperty("version").GetInt32()));
        var view = (await Send(server, new GetReply(caller, reply.Session, reply.Id))).Value;
        Assert.Equal(("stopped", "So far"), (view.Status, view.Text));
        Assert.Equal(view, (await Send(server, Complete(reply, caller))).Value);
    }

    [Fact]
    public async Task Deleting_the_session_and_erasing_the_user_leave_nothing_of_a_reply()
    {
        await using var server = await StartServer();
        var caller = await Owner();
        foreach (var erases in (bool[])[false, true])
        {
            var session = await server.Api.Create();
            var reply = await Begin(server, caller, session);
            await Store(reply, caller, reply.Write("Gone"));

            if (erases) Assert.Equal((1, 1), (await Send(server, new EraseUser(caller.Email))).Value is var erased ? (erased.Sessions, erased.Messages) : default);
            else (await server.Api.Delete($"/api/sessions/{session}")).Should(204);

            Assert.Equal(SessionErrors.NotFound, (await Send(server, Complete(reply, caller))).Error);
            Assert.Equal(SessionErrors.NotFound, (await Send(server, new GetReply(caller, reply.Session, reply.Id))).Error);
            Assert.Equal(["0|0|0|"], await Orion.Database.Query(
                "SELECT (SELECT count(*) FROM replies), (SELECT count(*) FROM reply_frames), (SELECT count(*) FROM messages)"));
        }
    }

    [Fact]
    public async Task A_stream_is_read_in_pages_from_any_frame_that_was_sent()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        var expected = new List<StoredFrame>();
        for (var i = 0; i < 40; i++)
        {
            StoredFrame[] batch = [.. Enumerable.Range(0, 1 + (i * 7 % 5)).SelectMany(_ => reply.Write(new string('x', i % 9 == 0 ? 500 : 5)))];
            await Store(reply, caller, batch);
            expected.AddRange(batch);
        }

        foreach (var after in (int[])[0, 1, 2, 3, 50, expected[^1].Number])
        {
            var page = (await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, after))).Value;
            Assert.Equal(expected.Where(frame => frame.Number > after), page.Frames.Where(frame => frame.Number > 1));
            Assert.False(page.IsEnd);
        }

        foreach (var after in (int[])[expected[^1].Number + 1, int.MaxValue, -1, int.MinValue])
            Assert.Equal(RequestErrors.InvalidCursor, (await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, after))).Error);

        await Send(server, Complete(reply, caller));
        var all = await ReadAll(server, reply, caller);
        Assert.Equal(Enumerable.Range(1, expected.Count + 3), all.Select(frame => frame.Number));
        var end = (await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, all.Count))).Value;
        Assert.True(end is { IsEnd: true, Frames: [] });
    }

    [Fact]
    public async Task A_long_stream_has_several_pages_of_limited_size()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        for (var i = 0; i < 50; i++) await Store(reply, caller, [.. Enumerable.Range(0, 100).SelectMany(_ => reply.Write("word "))]);
        for (var i = 0; i < 5; i++) await Store(reply, caller, reply.Write(new string('r', 19_000), isReasoning: true));
        var last = reply.Transcript.LastNumber;

        var first = (await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, 0))).Value;

        Assert.InRange(first.Frames.Count, 500, 2200);
        Assert.InRange(first.Frames.Sum(frame => frame.Json.Length), 1, 300 * 1024);
        Assert.Equal(Enumerable.Range(1, last), (await ReadAll(server, reply, caller)).Select(frame => frame.Number));
        Assert.Equal(25_000, (await Send(server, Interrupt(reply, caller))).Value.Text.Length);
    }

    [Fact]
    public async Task Once_the_frames_are_deleted_the_stream_is_made_of_the_message()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        (ReplyEnd End, string Last)[] ends =
        [
            (ReplyEnd.Completed(isTruncated: true), """{"type":"finish","finishReason":"length"}"""),
            (ReplyEnd.Stopped, """{"type":"abort","reason":"stopped"}"""),
            (ReplyEnd.Interrupted, """{"type":"abort","reason":"interrupted"}"""),
            (ReplyEnd.Failed(ModelFailure.Busy), """{"type":"error","errorText":"The model is busy. Try again later."}"""),
        ];
        foreach (var (end, last) in ends)
        {
            foreach (var text in (string[])["The text", ""])
            {
                var reply = await Begin(server, caller, session);
                await Send(server, new EndReply(caller, reply.Session, reply.Id, [.. reply.Write("Hm", isReasoning: true), .. reply.Write(text)], end));
                // A part of them: small batches are deleted.
                await Orion.Database.Execute("DELETE FROM reply_frames WHERE number = 1");

                var page = (await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, 0))).Value;

                Assert.True(page.IsEnd);
                Assert.Equal(Enumerable.Range(1, page.Frames.Count), page.Frames.Select(frame => frame.Number));
                Assert.Equal(text == "" ? 2 : 5, page.Frames.Count);
                if (text != "") Assert.Equal("""{"type":"text-delta","id":"1","delta":"The text"}""", page.Frames[2].Json);
                Assert.Equal(last, page.Frames[^1].Json);
                await Orion.Database.Execute("DELETE FROM reply_frames");
                Assert.Equal(RequestErrors.InvalidCursor, (await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, 3))).Error);
            }
        }
    }

    [Fact]
    public async Task A_reply_whose_frames_a_backup_left_out_ends_without_a_message()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var reply = await Begin(server, caller, session);
        await Orion.Database.Execute("DELETE FROM reply_frames");
        Assert.Empty((await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, 0))).Value.Frames);

        Assert.Equal(("interrupted", ""), (await Send(server, Interrupt(reply, caller))).Value is var view ? (view.Status, view.Text) : default);

        Assert.Equal(["start", "abort"], (await ReadAll(server, reply, caller)).Select(TypeOf));
    }

    [Fact]
    public async Task A_stop_and_the_end_of_a_reply_at_once_give_one_end_that_keeps_what_was_stored()
    {
        await using var server = await StartServer();
        await using var other = await StartServer();
        var deadlocks = await Deadlocks();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var ends = new Dictionary<string, int>();
        for (var race = 0; race < Races; race++)
        {
            var reply = await Begin(server, caller, session);
            await Store(reply, caller, reply.Write("Stored"));
            var complete = Complete(reply, caller, reply.Write(" and pending"));

            var views = await Task.WhenAll(
                Task.Run(() => Send(server, complete), Cancelled),
                Task.Run(() => Send(other, new StopReply(caller, reply.Session, reply.Id)), Cancelled));

            Assert.Equal(views[0].Value, views[1].Value);
            var view = views[0].Value;
            Assert.Equal(view.Status == "completed" ? ("completed", "Stored and pending") : ("stopped", "Stored"), (view.Status, view.Text));
            Assert.Equal(view.Text, (await server.Api.Get($"/api/sessions/{session}/messages/{view.MessageId}")).Should(200).Text("content"));
            var frames = await ReadAll(server, reply, caller);
            Assert.Equal(view.Status == "completed" ? "finish" : "abort", TypeOf(frames[^1]));
            Assert.Single(frames, frame => TypeOf(frame) is "finish" or "abort");
            ends[view.Status] = ends.GetValueOrDefault(view.Status) + 1;
        }

        Assert.Equal(2 * Races, (await server.Api.Session(session)).GetProperty("messageCount").GetInt32());
        await ShouldHaveNoDeadlockSince(deadlocks, server, other);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", ends.Select(end => $"{end.Key}: {end.Value}")));
    }

    [Fact]
    public async Task A_deletion_and_the_end_of_a_reply_at_once_leave_nothing()
    {
        await using var server = await StartServer();
        await using var other = await StartServer();
        var deadlocks = await Deadlocks();
        var caller = await Owner();
        for (var race = 0; race < Races; race++)
        {
            var session = await server.Api.Create();
            var reply = await Begin(server, caller, session);
            await Store(reply, caller, reply.Write("Stored"));
            var complete = Complete(reply, caller, reply.Write(" and pending"));

            var ending = Task.Run(() => Send(server, complete), Cancelled);
            var deleting = Task.Run(() => other.Api.Delete($"/api/sessions/{session}"), Cancelled);

            (await deleting).Should(204);
            var ended = await ending;
            Assert.True(ended.Error == SessionErrors.NotFound || ended is { Error: null, Value.Status: "completed" }, $"{ended.Error}");
        }

        Assert.Equal(["0|0|0|0|"], await Orion.Database.Query(
            "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM replies), (SELECT count(*) FROM reply_frames), (SELECT count(*) FROM messages)"));
        await ShouldHaveNoDeadlockSince(deadlocks, server, other);
    }

    /// <summary>The number of deadlocks so far.</summary>
    private protected virtual Task<IReadOnlyList<string>> Deadlocks() => Task.FromResult<IReadOnlyList<string>>([]);

    private async Task ShouldHaveNoDeadlockSince(IReadOnlyList<string> before, params OrionServer[] servers)
    {
        Assert.Equal(before, await Deadlocks());
        Assert.All(servers, server => Assert.DoesNotContain(server.Log.All, line => line.Level >= LogLevel.Error));
    }

    private static string TypeOf(StoredFrame frame) => JsonDocument.Parse(frame.Json).RootElement.GetProperty("type").GetString()!;
}

[Collection(OnPostgres.Name)]
public sealed class EndingRepliesOnPostgres(PostgresOrion orion) : EndingReplies(orion)
{
    private protected override Task<IReadOnlyList<string>> Deadlocks() =>
        Orion.Database.Query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
}

[Collection(OnSqlite.Name)]
public sealed class EndingRepliesOnSqlite(SqliteOrion orion) : EndingReplies(orion);
