using Orion.Application.Messaging;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>
/// The replies of one caller. No method can see the rows of another owner, or rows outside of the caller's scope. Transactions lock the
/// user first, then the session, then the reply.
/// </summary>
public interface IReplies
{
    /// <summary>One reply.</summary>
    Task<Reply?> Find(SessionId session, ReplyId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>The running reply of a session. If the session is locked, it stays the running one.</summary>
    Task<Reply?> FindRunning(SessionId session, Caller caller, CancellationToken cancellationToken);

    /// <summary>One reply, locked until the transaction ends. Its session is locked already.</summary>
    Task<Reply?> FindForUpdate(SessionId session, ReplyId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>The number of the caller's running replies in all sessions, over all instances. The user is locked already.</summary>
    Task<int> CountRunning(Caller caller, CancellationToken cancellationToken);

    /// <summary>Those of the messages that belong to a reply that is not completed.</summary>
    Task<IReadOnlySet<MessageId>> FindIncomplete(
        SessionId session, IReadOnlyList<MessageId> messages, Caller caller, CancellationToken cancellationToken);

    /// <summary>Adds a reply to the changes that the command saves.</summary>
    void Add(Reply reply, Caller caller);

    /// <summary>
    /// The stored frames behind a number, in order and without gaps, at most about 256 KiB. None if there are no more, or the next one
    /// was deleted.
    /// </summary>
    Task<IReadOnlyList<StoredFrame>> ReadFrames(
        SessionId session, ReplyId id, int after, Caller caller, CancellationToken cancellationToken);

    /// <summary>Adds frames to the changes that the command saves. The readers on all instances are notified when it is committed.</summary>
    /// <param name="reply">The reply, which is new or locked.</param>
    /// <param name="frames">The frames, in order and without gaps; at least one.</param>
    /// <param name="caller">The owner.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    Task AddFrames(Reply reply, IReadOnlyList<StoredFrame> frames, Caller caller, CancellationToken cancellationToken);
}

/// <summary>A frame of a reply.</summary>
/// <param name="Number">Its number in the reply: 1, 2, 3 … without gaps.</param>
/// <param name="Json">The frame, see <see cref="ReplyFrameJson"/>.</param>
public sealed record StoredFrame(int Number, string Json);

/// <summary>Identifies a reply.</summary>
/// <param name="Owner">The id of its owner.</param>
/// <param name="Session">Its session.</param>
/// <param name="Reply">Its id.</param>
public readonly record struct ReplyKey(Orion.Domain.Users.UserId Owner, SessionId Session, ReplyId Reply);
