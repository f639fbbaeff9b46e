using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Idempotency;

/// <summary>A command that a client may send again without doing it twice.</summary>
/// <typeparam name="T">What it answers.</typeparam>
public interface IIdempotentCommand<T> : ICommand<IdempotentResult<T>>
    where T : class
{
    /// <summary>The client's key; null where it gave none, and each request counts for itself.</summary>
    IdempotencyKey? IdempotencyKey { get; }

    /// <summary>The session that the request names; null for one that is still to be started.</summary>
    SessionId? NamedSession { get; }

    /// <summary>The session that an answer belongs to: it is kept no longer than that.</summary>
    static abstract SessionId SessionOf(T answer);
}
