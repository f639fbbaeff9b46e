using Orion.Application.Concurrency;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>
/// The queue of this process's writers. SQLite allows one writer at a time, and the others poll, each on its own thread
/// (docs/adr/0005-one-writer-queue-on-sqlite.md).
/// </summary>
internal sealed class SqliteWriteLock(TimeProvider clock)
{
    private readonly KeyedLock<ValueTuple> _lock = new(clock);

    internal async Task<IDisposable> Acquire(CancellationToken cancellationToken) =>
        (await _lock.Acquire(default, Timeout.InfiniteTimeSpan, cancellationToken))!;
}
