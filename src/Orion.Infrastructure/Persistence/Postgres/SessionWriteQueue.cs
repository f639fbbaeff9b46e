using Orion.Application.Concurrency;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// The queues of this process's writers, one for each session. They would all wait for the row's lock, each with a connection of
/// the pool, which costs PostgreSQL more than the write itself; here they wait for nothing. The lock still decides, so that nobody
/// has to wait here for long: who is not served soon takes to the lock.
/// </summary>
internal sealed class SessionWriteQueue(TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly KeyedLock<(UserId, SessionId)> _turns = new(clock);

    /// <summary>Waits for a turn, up to 2 s.</summary>
    internal Task<IDisposable?> Wait(UserId owner, SessionId session, CancellationToken cancellationToken) =>
        _turns.Wait((owner, session), Timeout, cancellationToken);
}

/// <summary>The turn that a command has; it ends with the command's scope, after its transaction.</summary>
internal sealed class SessionWriteLock(SessionWriteQueue turns) : IDisposable
{
    private IDisposable? _turn;

    /// <summary>Waits for the turn. A command that changes a second session leaves it to the rows' locks: two queues could wait for each other.</summary>
    internal async Task Wait(UserId owner, SessionId session, CancellationToken cancellationToken) =>
        _turn ??= await turns.Wait(owner, session, cancellationToken);

    public void Dispose() => _turn?.Dispose();
}
