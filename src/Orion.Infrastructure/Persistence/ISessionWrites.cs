using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>Locks and writes sessions, messages and idempotency records for one command. The unit of work saves the writes.</summary>
internal interface ISessionWrites
{
    /// <summary>The session, locked until the transaction ends. Changes to it are saved.</summary>
    Task<Session?> Lock(UserId owner, SessionId id, CancellationToken cancellationToken);

    /// <summary>The sessions that exist, locked until the transaction ends. All transactions lock several rows in the same order.</summary>
    Task<IReadOnlyList<Session>> LockAll(UserId owner, IReadOnlyList<SessionId> ids, CancellationToken cancellationToken);

    /// <summary>Adds a session.</summary>
    void Add(Session session);

    /// <summary>Adds a message.</summary>
    void Add(Message message);

    /// <summary>Adds copies of messages to a session that is added, too.</summary>
    Task Add(MessageCopies copies, CancellationToken cancellationToken);

    /// <summary>Deletes a locked session.</summary>
    void Remove(Session session);

    /// <summary>Stores the session and the response of an idempotency record that has been inserted in this transaction.</summary>
    void Complete(IdempotencyRecord record);
}

/// <summary>The first messages of a session, as they are copied to a fork.</summary>
/// <param name="Original">The session that has them. It is locked, so that it still has all of them.</param>
/// <param name="Fork">The session that gets them. It has the same owner.</param>
/// <param name="Ids">The ids of the copies, in the order of their sequences.</param>
internal sealed record MessageCopies(SessionId Original, Session Fork, IReadOnlyList<MessageId> Ids);
