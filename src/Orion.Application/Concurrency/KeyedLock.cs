namespace Orion.Application.Concurrency;

/// <summary>A lock for each key, within this process. Waiters acquire it in the order of their arrival and hold no thread meanwhile.</summary>
/// <typeparam name="TKey">What is locked.</typeparam>
public sealed class KeyedLock<TKey>(TimeProvider clock)
    where TKey : notnull
{
    private readonly Lock _gate = new();

    // For each key, the release of the last one in the queue. A key without an entry is free.
    private readonly Dictionary<TKey, Task> _last = [];

    /// <summary>Acquires the lock.</summary>
    /// <returns>Releases the lock when it is disposed; null if the timeout elapses first.</returns>
    public async Task<IDisposable?> Acquire(TKey key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var mine = new Holder(this, key);
        if (Enqueue(key, mine) is not { } before) return mine;
        try
        {
            await before.WaitAsync(timeout, clock, cancellationToken);
            return mine;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The next waiter waits for this place in the queue, so the place is released only after the one before it.
            _ = before.ContinueWith(_ => mine.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (exception is TimeoutException) return null;
            throw;
        }
    }

    private Task? Enqueue(TKey key, Holder holder)
    {
        lock (_gate)
        {
            _last.TryGetValue(key, out var before);
            _last[key] = holder.Released;
            return before;
        }
    }

    private sealed class Holder(KeyedLock<TKey> all, TKey key) : IDisposable
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Released => _released.Task;

        public void Dispose()
        {
            lock (all._gate)
            {
                if (all._last.TryGetValue(key, out var last) && last == Released) all._last.Remove(key);
            }

            _released.TrySetResult();
        }
    }
}
