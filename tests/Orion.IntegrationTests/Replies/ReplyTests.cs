using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.IntegrationTests.Replies;

/// <summary>Tests of the commands and queries of replies. Nothing runs the replies: the tests write and end them.</summary>
public abstract class ReplyTests(OrionFixture orion) : OrionTests(orion)
{
    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // Nothing else ends the replies of these tests.
        await Orion.Database.Execute("DELETE FROM replies");
        await base.DisposeAsync();
    }

    /// <summary>Starts a server that begins replies and does not ask the model.</summary>
    private protected Task<OrionServer> StartServer(params (string Name, string Value)[] settings) => OrionServer.Start(
        Orion.Database,
        builder => builder.Services.AddSingleton<IReplyRunner>(new IdleRunner()),
        settings);

    /// <summary>The owner, without a token.</summary>
    private protected Task<Caller> Owner() => User(OrionServer.Owner);

    /// <summary>A user, without a token.</summary>
    private protected async Task<Caller> User(string email)
    {
        var id = (await Orion.Database.Query("SELECT id FROM authorized_users WHERE email = @p0", email)).Single().TrimEnd('|');
        return new Caller(UserId.From(Guid.Parse(id)), EmailAddress.TryParse(email, out var address) ? address : throw new ArgumentException(email));
    }

    private protected static Task<TOutcome> Send<TOutcome>(OrionServer server, MediatR.IRequest<TOutcome> request) =>
        server.Services.GetRequiredService<IDispatcher>().Send(request, Cancelled);

    private protected static async Task<Result<BegunReply>> TryBegin(OrionServer server, Caller caller, string session, string? content = "Why?")
    {
        var command = new BeginReply(caller, Id(session), content is null ? null : MessageContent.Parse(content));
        var outcome = await Send(server, command);
        return outcome.Error is { } error ? error : outcome.Value.Value;
    }

    private protected static async Task<RunningReply> Begin(OrionServer server, Caller caller, string session, string? content = "Why?")
    {
        var begun = (await TryBegin(server, caller, session, content)).Value;
        var transcript = new ReplyTranscript();
        transcript.Replay(null);
        return new RunningReply(Id(session), ReplyId.From(begun.ReplyId), transcript, begun.Through);
    }

    /// <summary>Stores frames as the writer does.</summary>
    private protected async Task Store(RunningReply reply, Caller caller, params StoredFrame[] frames) => await Orion.Database.Execute(
        "INSERT INTO reply_frames (owner_id, session_id, reply_id, number, frame_count, frames) VALUES (@p0, @p1, @p2, @p3, @p4, @p5)",
        Orion.Database.Id(caller.Id.Value), Orion.Database.Id(reply.Session.Value), Orion.Database.Id(reply.Id.Value),
        frames[0].Number, frames.Length, string.Join('\n', frames.Select(frame => frame.Json)));

    private protected static EndReply Complete(RunningReply reply, Caller caller, params StoredFrame[] pending) =>
        new(caller, reply.Session, reply.Id, pending, ReplyEnd.Completed(isTruncated: false, new TokenUsage(12, 34)));

    private protected static EndReply Interrupt(RunningReply reply, Caller caller) => new(caller, reply.Session, reply.Id, [], ReplyEnd.Interrupted);

    private protected static async Task<IReadOnlyList<StoredFrame>> ReadAll(OrionServer server, RunningReply reply, Caller caller)
    {
        var frames = new List<StoredFrame>();
        while (true)
        {
            var page = (await Send(server, new ReadReplyFrames(caller, reply.Session, reply.Id, frames.Count))).Value;
            frames.AddRange(page.Frames);
            if (page.IsEnd || page.Frames.Count == 0) return frames;
        }
    }

    private protected static SessionId Id(string session) => SessionId.Parse(session) ?? throw new ArgumentException("No id.", nameof(session));

    /// <summary>A reply that a test writes.</summary>
    private protected sealed record RunningReply(SessionId Session, ReplyId Id, ReplyTranscript Transcript, int Through)
    {
        public StoredFrame[] Write(string text, bool isReasoning = false) => [.. Transcript.Number(Transcript.Write(text, isReasoning))];
    }

    private sealed class IdleRunner : IReplyRunner
    {
        public InstanceId Instance { get; } = InstanceId.New(TimeProvider.System.GetUtcNow());

        public CancellationToken Interruption => CancellationToken.None;

        public void Start(BegunReply reply, Caller caller)
        {
        }
    }
}
