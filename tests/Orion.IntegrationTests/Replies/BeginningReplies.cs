using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Idempotency;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.IntegrationTests.Replies;

/// <summary>Which replies can begin, also on two instances at once.</summary>
public abstract class BeginningReplies(OrionFixture orion) : ReplyTests(orion)
{
    [Fact]
    public async Task The_users_message_the_reply_and_its_first_frame_are_written_together()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());

        var command = new BeginReply(caller, Id(session), MessageContent.Parse("Why?"), "test-small", Metadata.Parse("""{"a":1}"""));
        var begun = (await Send(server, command)).Value.Value;

        Assert.Equal((Guid.Parse(session), 1), (begun.SessionId, begun.Through));
        var message = Assert.Single((await server.Api.Get($"/api/sessions/{session}/messages")).Should(200).Items("messages"));
        Assert.Equal(("user", "Why?", """{"a":1}"""), (message.GetProperty("role").GetString(), message.GetProperty("content").GetString(), message.GetProperty("metadata").GetRawText()));
        var reply = (await Send(server, new GetReply(caller, Id(session), ReplyId.From(begun.ReplyId)))).Value;
        Assert.Equal(("streaming", "test-small", ""), (reply.Status, reply.Model, reply.Text));
        var frames = (await Send(server, new ReadReplyFrames(caller, Id(session), ReplyId.From(begun.ReplyId), 0))).Value;
        Assert.False(frames.IsEnd);
        Assert.Equal(
            [new StoredFrame(1, $$$"""{"type":"start","messageId":"{{{reply.MessageId}}}","messageMetadata":{"replyId":"{{{reply.ReplyId}}}","model":"test-small"}}""")],
            frames.Frames);
        Assert.Equal(ReplyId.From(begun.ReplyId), (await Send(server, new FindRunningReply(caller, Id(session)))).Value.Reply);
        Assert.Null((await Send(server, new FindRunningReply(caller, Id(await server.Api.Create())))).Value.Reply);
    }

    [Fact]
    public async Task Members_that_are_not_accepted_are_named()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), Id(await server.Api.Create(new { firstMessage = "Why?" })));
        var before = await Orion.Database.Snapshot();

        foreach (var (command, member) in (IEnumerable<(BeginReply, string)>)
        [
            (new BeginReply(caller, session, null, null, Metadata.Parse("{}")), "metadata"),
            (new BeginReply(caller, session, null, "unknown"), "model"),
            (new BeginReply(caller, session, MessageContent.Parse("")), "content"),
        ])
        {
            var error = (await Send(server, command)).Error!;
            Assert.Equal("validation_failed", error.Code);
            Assert.Equal([member], error.Members!.Keys);
        }

        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task Earlier_errors_hide_later_ones_and_nothing_is_written()
    {
        await using var server = await StartServer(("REPLIES_PER_USER", "1"));
        var caller = await Owner();
        var (busy, other) = (await server.Api.Create(), await server.Api.Create());
        var running = await Begin(server, caller, busy);
        var archived = await server.Api.Create();
        (await server.Api.Patch($"/api/sessions/{archived}", new { archived = true })).Should(200);
        var before = await Orion.Database.Snapshot();

        Assert.Equal(SessionErrors.NotFound, (await TryBegin(server, caller, Guid.CreateVersion7(server.Clock.GetUtcNow()).ToString())).Error);
        Assert.Equal(SessionErrors.Archived, (await TryBegin(server, caller, archived)).Error);
        Assert.Equal(ReplyErrors.InProgress(running.Id), (await TryBegin(server, caller, busy)).Error);
        Assert.Equal(ReplyErrors.NothingToAnswer, (await TryBegin(server, caller, other, content: null)).Error);
        Assert.Equal(ReplyErrors.TooMany, (await TryBegin(server, caller, other)).Error);
        Assert.Equal(before, await Orion.Database.Snapshot());

        var friend = new BeginReply(await User(OrionFixture.Friend), Id(await server.As(OrionFixture.Friend).Create()), MessageContent.Parse("x"), CanBegin: false);
        Assert.Equal(ReplyErrors.TooManyStreams, (await Send(server, friend)).Error);
    }

    [Fact]
    public async Task Trying_again_answers_the_last_question_whatever_incomplete_replies_follow_it()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create(new { firstMessage = "First" }));
        await server.Api.Append(session, "An answer of the client's", "assistant");
        Assert.Equal(ReplyErrors.NothingToAnswer, (await TryBegin(server, caller, session, content: null)).Error);

        // More than one page of them, and some without a message.
        for (var i = 0; i < 25; i++)
        {
            var again = await Begin(server, caller, session, i == 0 ? "Question" : null);
            Assert.Equal(3, again.Through);
            var end = (i % 3) switch { 0 => ReplyEnd.Stopped, 1 => ReplyEnd.Interrupted, _ => ReplyEnd.Failed(ModelFailure.Timeout) };
            (await Send(server, new EndReply(caller, again.Session, again.Id, i % 5 == 4 ? [] : again.Write("Hm"), end))).Value.ToString();
        }

        var last = await Begin(server, caller, session, content: null);
        Assert.Equal(3, last.Through);
        await Send(server, Complete(last, caller, last.Write("Done")));

        Assert.Equal(ReplyErrors.NothingToAnswer, (await TryBegin(server, caller, session, content: null)).Error);
        var next = await Begin(server, caller, session, "Next");
        Assert.Equal(3 + 20 + 1 + 1, next.Through);
        await Send(server, Interrupt(next, caller));
        await server.Api.Append(session, "The client's own", "assistant");
        Assert.Equal(ReplyErrors.NothingToAnswer, (await TryBegin(server, caller, session, content: null)).Error);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_begins_nothing()
    {
        await using var server = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        var command = new BeginReply(
            caller, Id(session), MessageContent.Parse("Why?"), IdempotencyKey: new IdempotencyKey("key", "POST", $"/api/sessions/{session}/replies", [1]));
        var first = (await Send(server, command)).Value;

        var before = await Orion.Database.Snapshot();
        var repeat = (await Send(server, command)).Value;

        Assert.True(repeat.IsReplay);
        Assert.Equal(first.Value, repeat.Value);
        Assert.Equal(before, await Orion.Database.Snapshot());
    }

    [Fact]
    public async Task Of_two_replies_that_begin_at_once_in_a_session_one_begins_and_the_other_names_it()
    {
        await using var server = await StartServer();
        await using var other = await StartServer();
        var (caller, session) = (await Owner(), await server.Api.Create());
        for (var round = 0; round < 50; round++)
        {
            var outcomes = await Task.WhenAll(
                Task.Run(() => TryBegin(server, caller, session), Cancelled), Task.Run(() => TryBegin(other, caller, session), Cancelled));

            var begun = ReplyId.From(Assert.Single(outcomes, outcome => outcome.Error is null).Value.ReplyId);
            Assert.Equal(ReplyErrors.InProgress(begun), Assert.Single(outcomes, outcome => outcome.Error is not null).Error);
            Assert.Equal("stopped", (await Send(other, new StopReply(caller, Id(session), begun))).Value.Status);
        }

        Assert.Equal(50, (await server.Api.Session(session)).GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task Of_two_replies_that_begin_at_once_in_two_sessions_only_one_gets_the_users_last_place()
    {
        await using var server = await StartServer(("REPLIES_PER_USER", "2"));
        await using var other = await StartServer(("REPLIES_PER_USER", "2"));
        var caller = await Owner();
        await Begin(server, caller, await server.Api.Create());
        var (one, two) = (await server.Api.Create(), await server.Api.Create());
        for (var round = 0; round < 50; round++)
        {
            var outcomes = await Task.WhenAll(
                Task.Run(() => TryBegin(server, caller, one), Cancelled), Task.Run(() => TryBegin(other, caller, two), Cancelled));

            var begun = Assert.Single(outcomes, outcome => outcome.Error is null).Value;
            Assert.Equal(ReplyErrors.TooMany, Assert.Single(outcomes, outcome => outcome.Error is not null).Error);
            Assert.Equal("stopped", (await Send(other, new StopReply(caller, SessionId.From(begun.SessionId), ReplyId.From(begun.ReplyId)))).Value.Status);
        }
    }

    [Fact]
    public async Task Of_a_stored_reply_and_one_of_Phase_1_that_begin_at_once_only_one_gets_the_users_last_place()
    {
        await using var server = await StartServer(("REPLIES_PER_USER", "1"));
        var (caller, session) = (await Owner(), await server.Api.Create());
        for (var round = 0; round < 50; round++)
        {
            using var slot = new UnstoredReplySlot();
            var chat = new BeginChat(caller, MessageContent.Parse("Hello"), History: null, NamedUser: null, slot);
            var (stored, unstored) = (Task.Run(() => TryBegin(server, caller, session), Cancelled), Task.Run(() => Send(server, chat), Cancelled));
            var (reply, phase1) = (await stored, await unstored);

            Assert.Equal(ReplyErrors.TooMany, Assert.Single([reply.Error, phase1.Error], error => error is not null));
            Assert.Equal(phase1.Error is null ? 1 : 0, server.Services.GetRequiredService<UnstoredReplies>().Count(caller.Id));
            if (reply.Error is null) await Send(server, new StopReply(caller, Id(session), ReplyId.From(reply.Value.ReplyId)));
        }
    }

    [Fact]
    public async Task A_token_that_was_revoked_begins_and_stops_nothing_and_Orion_still_ends_its_replies()
    {
        await using var server = await StartServer();
        var (owner, session) = (await Owner(), await server.Api.Create());
        var caller = owner with { TokenIssuedAt = server.Clock.GetUtcNow().AddSeconds(-1) };
        var running = await Begin(server, caller, session);
        var idle = await server.Api.Create();
        (await server.Api.Post("/api/tokens/revoke", null)).Should(204);
        var before = await Orion.Database.Snapshot();

        Assert.Equal("invalid_token", (await TryBegin(server, caller, idle)).Error?.Code);
        Assert.Equal("invalid_token", (await Send(server, new StopReply(caller, running.Session, running.Id))).Error?.Code);
        Assert.Equal(before, await Orion.Database.Snapshot());

        Assert.Equal("stopped", (await Send(server, new EndReply(owner, running.Session, running.Id, running.Write("Kept"), ReplyEnd.Stopped))).Value.Status);
        Assert.Equal("Kept", (await server.Api.Session(session)).GetProperty("lastMessage").GetString());
    }

    [Fact]
    public async Task A_session_token_reaches_only_the_replies_of_its_session()
    {
        await using var server = await StartServer();
        var owner = await Owner();
        var running = await Begin(server, owner, await server.Api.Create());
        var scoped = owner with { Scope = Id(await server.Api.Create()) };
        var before = await Orion.Database.Snapshot();

        Assert.Equal(SessionErrors.NotFound, (await TryBegin(server, scoped, running.Session.ToString())).Error);
        Assert.Equal(SessionErrors.NotFound, (await Send(server, new GetReply(scoped, running.Session, running.Id))).Error);
        Assert.Equal(SessionErrors.NotFound, (await Send(server, new ReadReplyFrames(scoped, running.Session, running.Id, 0))).Error);
        Assert.Equal(SessionErrors.NotFound, (await Send(server, new FindRunningReply(scoped, running.Session))).Error);
        Assert.Equal(SessionErrors.NotFound, (await Send(server, new StopReply(scoped, running.Session, running.Id))).Error);
        Assert.Equal(ReplyErrors.NotFound, (await Send(server, new GetReply(scoped, scoped.Scope.Value, running.Id))).Error);
        Assert.Equal(before, await Orion.Database.Snapshot());
    }
}

[Collection(OnPostgres.Name)]
public sealed class BeginningRepliesOnPostgres(PostgresOrion orion) : BeginningReplies(orion)
{
    [Fact]
    public async Task A_begin_and_a_start_with_another_owner_do_not_wait_for_each_other_in_a_circle()
    {
        await using var server = await StartServer(("REPLIES_PER_USER", "32"));
        var caller = await Owner();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.Api.Create()));
        var before = await Deadlocks();
        using var stop = new CancellationTokenSource();
        var begins = sessions.Select(session => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var running = await Begin(server, caller, session);
                Assert.Equal("stopped", (await Send(server, new StopReply(caller, running.Session, running.Id))).Value.Status);
            }
        })).ToList();

        for (var i = 0; i < 20; i++)
        {
            await Send(server, new Application.Users.GrantAccess(caller.Email));
            await Send(server, new Application.Users.SyncConfiguredOwner(caller.Email));
        }

        await stop.CancelAsync();
        await Task.WhenAll(begins).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.Equal(before, await Deadlocks());
    }

    private Task<IReadOnlyList<string>> Deadlocks() => Orion.Database.Query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
}

[Collection(OnSqlite.Name)]
public sealed class BeginningRepliesOnSqlite(SqliteOrion orion) : BeginningReplies(orion);
