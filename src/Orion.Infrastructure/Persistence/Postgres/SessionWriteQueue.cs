using Orion.Application.Concurrency;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// One command's place in the queue of a session's writers. Without the queue, all writers of a session would wait for its row lock, each
/// with a connection of the pool, which costs PostgreSQL more than the write itself. The row lock still protects the session: a command
/// that has waited here for 2 s proceeds and waits for the row lock. The place is released with the command's scope, after its transaction.
/// </summary>
internal sealed class SessionWriteQueue(KeyedLock<(UserId Owner, SessionId Session)> sessions) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private IDisposable? _place;

    /// <summary>
    /// Waits for the session. A command that changes a second session waits only for its row lock, because two queues could wait for
    /// each other.
    /// </summary>
    internal async Task Enter(UserId owner, SessionId session, CancellationToken cancellationToken) =>
        _place ??= await sessions.Acquire((owner, session), Timeout, cancellationToken);

    public void Dispose() => _place?.Dispose();
}
