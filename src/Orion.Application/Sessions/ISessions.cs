using Orion.Application.Messaging;
using Orion.Application.Retention;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>
/// The sessions and messages of one caller. No method can see the rows of another owner, or rows outside of the caller's scope.
/// </summary>
public interface ISessions
{
    /// <summary>The session as it is now.</summary>
    Task<Session?> Find(SessionId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>The session, locked until the transaction ends.</summary>
    Task<Session?> FindForUpdate(SessionId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>The sessions with these ids that exist. They must not be changed.</summary>
    Task<IReadOnlyList<Session>> FindAll(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken);

    /// <summary>The sessions with these ids that exist, locked until the transaction ends.</summary>
    Task<IReadOnlyList<Session>> FindAllForUpdate(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken);

    /// <summary>
    /// Up to <paramref name="limit"/> sessions that are due, locked until the transaction ends. Those that another transaction has locked
    /// are left out.
    /// </summary>
    Task<IReadOnlyList<Session>> FindDueForUpdate(RetentionCutoff cutoff, int limit, Caller caller, CancellationToken cancellationToken);

    /// <summary>The number of sessions that are due.</summary>
    Task<DueSessions> CountDue(RetentionCutoff cutoff, Caller caller, CancellationToken cancellationToken);

    /// <summary>One page of sessions in the order of the list.</summary>
    Task<Page<Session>> List(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken);

    /// <summary>Adds a session to the changes that the command saves.</summary>
    void Add(Session session, Caller caller);

    /// <summary>Deletes a session and its messages when the command is saved.</summary>
    void Remove(Session session, Caller caller);

    /// <summary>One message.</summary>
    Task<Message?> FindMessage(SessionId session, MessageId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>The message with this sequence.</summary>
    Task<Message?> FindMessage(SessionId session, int sequence, Caller caller, CancellationToken cancellationToken);

    /// <summary>The size of the texts and metadata of a session's messages up to a sequence, in bytes of UTF-8.</summary>
    Task<long> MeasureMessages(SessionId session, int throughSequence, Caller caller, CancellationToken cancellationToken);

    /// <summary>
    /// Adds copies of a locked session's first messages to the changes that the command saves, in one statement. They have the ids in the
    /// order of their sequences.
    /// </summary>
    Task AddCopies(SessionId original, Session fork, IReadOnlyList<MessageId> ids, Caller caller, CancellationToken cancellationToken);

    /// <summary>The messages with these ids that exist.</summary>
    Task<IReadOnlyDictionary<(SessionId Session, MessageId Id), Message>> FindMessages(
        IReadOnlyList<(SessionId Session, MessageId Id)> messages, Caller caller, CancellationToken cancellationToken);

    /// <summary>One page of a session's messages; null if the session does not exist.</summary>
    Task<Page<Message>?> ListMessages(MessageList list, PageRequest<int> page, Caller caller, CancellationToken cancellationToken);

    /// <summary>Adds a message to the changes that the command saves.</summary>
    void Add(Message message, Caller caller);
}
