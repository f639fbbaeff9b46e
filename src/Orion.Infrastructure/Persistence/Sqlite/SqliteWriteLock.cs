namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>
/// The queue of this process's writers. SQLite has one writer at a time and lets the others poll for their turn; here they
/// wait in order, and hold no thread meanwhile.
/// </summary>
internal sealed class SqliteWriteLock : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    internal async Task<IDisposable> Wait(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    public void Dispose() => _turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
