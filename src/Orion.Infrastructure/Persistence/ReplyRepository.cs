using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Infrastructure.Replies;

namespace Orion.Infrastructure.Persistence;

/// <summary>The caller's replies.</summary>
internal sealed class ReplyRepository(OrionDbContext context) : IReplies
{
    private const int MaxFramesOfPage = 2048;
    private const int MaxCharactersOfPage = 256 * 1024;

    public Task<Reply?> Find(SessionId session, ReplyId id, Caller caller, CancellationToken cancellationToken) =>
        RepliesOf(caller, session).AsNoTracking().SingleOrDefaultAsync(reply => reply.Id == id, cancellationToken);

    public Task<Reply?> FindRunning(SessionId session, Caller caller, CancellationToken cancellationToken) =>
        RepliesOf(caller, session).AsNoTracking().SingleOrDefaultAsync(reply => reply.Status == ReplyStatus.Streaming, cancellationToken);

    public async Task<Reply?> FindForUpdate(SessionId session, ReplyId id, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Scope is { } only && only != session) return null;
        await context.EnsureTransaction(cancellationToken);
        return await context.LockedReply(caller.Id, session, id).SingleOrDefaultAsync(cancellationToken);
    }

    public Task<int> CountRunning(Caller caller, CancellationToken cancellationToken) =>
        context.Replies.CountAsync(reply => reply.OwnerId == caller.Id && reply.Status == ReplyStatus.Streaming, cancellationToken);

    public async Task<IReadOnlySet<MessageId>> FindIncomplete(
        SessionId session, IReadOnlyList<MessageId> messages, Caller caller, CancellationToken cancellationToken) =>
        await RepliesOf(caller, session)
            .Where(reply => reply.Status != ReplyStatus.Streaming && reply.Status != ReplyStatus.Completed && messages.Contains(reply.MessageId))
            .Select(reply => reply.MessageId)
            .ToHashSetAsync(cancellationToken);

    public void Add(Reply reply, Caller caller)
    {
        ThrowIfNotOwned(reply, caller);
        context.Replies.Add(reply);
    }

    public async Task<IReadOnlyList<StoredFrame>> ReadFrames(
        SessionId session, ReplyId id, int after, Caller caller, CancellationToken cancellationToken)
    {
        var batches = RepliesOf(caller, session).Where(reply => reply.Id == id)
            .Join(
                context.ReplyFrames,
                reply => new { reply.OwnerId, reply.SessionId, ReplyId = reply.Id },
                batch => new { batch.OwnerId, batch.SessionId, batch.ReplyId },
                (_, batch) => batch);
        var first = await batches.Where(batch => batch.Number <= after + 1).MaxAsync(batch => (int?)batch.Number, cancellationToken);
        if (first is null) return [];

        // A range of numbers, so that the database never reads more than the page, whatever its statistics say.
        var page = batches.Where(batch => batch.Number >= first && batch.Number < first + MaxFramesOfPage).OrderBy(batch => batch.Number);
        var frames = new List<StoredFrame>();
        var characters = 0;
        await foreach (var batch in page.AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            frames.AddRange(StoredFrames.Split(batch.Number, batch.Frames).Where(frame => frame.Number > after));
            characters += batch.Frames.Length;
            if (characters > MaxCharactersOfPage) break;
        }

        return frames;
    }

    public Task AddFrames(Reply reply, IReadOnlyList<StoredFrame> frames, Caller caller, CancellationToken cancellationToken)
    {
        ThrowIfNotOwned(reply, caller);
        context.ReplyFrames.Add(new ReplyFrameBatch
        {
            OwnerId = reply.OwnerId,
            SessionId = reply.SessionId,
            ReplyId = reply.Id,
            Number = frames[0].Number,
            FrameCount = frames.Count,
            Frames = StoredFrames.Join(frames),
        });
        return context.NotifyReaders(cancellationToken);
    }

    // With a scope, only the session in scope has any.
    private IQueryable<Reply> RepliesOf(Caller caller, SessionId session)
    {
        var own = context.Replies.Where(reply => reply.OwnerId == caller.Id && reply.SessionId == session);
        return caller.Scope is { } only ? own.Where(reply => reply.SessionId == only) : own;
    }

    private static void ThrowIfNotOwned(Reply reply, Caller caller)
    {
        if (reply.OwnerId != caller.Id) throw new InvalidOperationException("A caller can only write its own rows.");
    }
}
