using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>
/// The sessions and messages of one caller. Somebody else's, and those outside of the caller's scope, are not there:
/// no method can see them.
/// </summary>
public interface ISessions
{
    /// <summary>The session as it is now.</summary>
    Task<Session?> Find(SessionId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>The session, locked until the command is over, so that changes to it follow one another.</summary>
    Task<Session?> FindForUpdate(SessionId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>Those of these sessions that there are, as they are now. Not to be changed.</summary>
    Task<IReadOnlyList<Session>> FindAll(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken);

    /// <summary>Those of these sessions that there are, locked until the command is over.</summary>
    Task<IReadOnlyList<Session>> FindAllForUpdate(IReadOnlyList<SessionId> ids, Caller caller, CancellationToken cancellationToken);

    /// <summary>One page of sessions in the order of the list.</summary>
    Task<Page<Session>> List(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken);

    /// <summary>Adds a session to what the command saves.</summary>
    void Add(Session session, Caller caller);

    /// <summary>Takes a session away with its messages, when the command is saved.</summary>
    void Remove(Session session, Caller caller);

    /// <summary>One message.</summary>
    Task<Message?> FindMessage(SessionId session, MessageId id, Caller caller, CancellationToken cancellationToken);

    /// <summary>Those of these messages that there are.</summary>
    Task<IReadOnlyDictionary<(SessionId Session, MessageId Id), Message>> FindMessages(
        IReadOnlyList<(SessionId Session, MessageId Id)> messages, Caller caller, CancellationToken cancellationToken);

    /// <summary>One page of a session's messages; null where there is no such session.</summary>
    Task<Page<Message>?> ListMessages(MessageList list, PageRequest<int> page, Caller caller, CancellationToken cancellationToken);

    /// <summary>Adds a message to what the command saves.</summary>
    void Add(Message message, Caller caller);
}
