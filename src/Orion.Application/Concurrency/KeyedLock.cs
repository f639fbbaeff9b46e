namespace Orion.Application.Concurrency;

/// <summary>A lock for each key, within this process. Waiters acquire it in order of arrival and do not block a thread.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
public sealed class KeyedLock<TKey>(TimeProvider clock)
    where TKey : notnull
{
    private readonly Lock _gate = new();

    // For each key, a task that completes when the last holder in the queue releases the lock. A key without an entry is free.
    private readonly Dictionary<TKey, Task> _last = [];

    /// <summary>Acquires the lock.</summary>
    /// <returns>Releases the lock when it is disposed; null if the timeout elapses first.</returns>
    public async Task<IDisposable?> Acquire(TKey key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var holder = new Holder(this, key);
        if (Enqueue(key, holder) is not { } previous) return holder;
        try
        {
            await previous.WaitAsync(timeout, clock, cancellationToken);
            return holder;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The next waiter waits for this place in the queue, so the place is released only after the previous one.
            _ = previous.ContinueWith(_ => holder.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (exception is TimeoutException) return null;
            throw;
        }
    }

    private Task? Enqueue(TKey key, Holder holder)
    {
        lock (_gate)
        {
            _last.TryGetValue(key, out var previous);
            _last[key] = holder.Released;
            return previous;
        }
    }

    private sealed class Holder(KeyedLock<TKey> owner, TKey key) : IDisposable
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Released => _released.Task;

        public void Dispose()
        {
            lock (owner._gate)
            {
                if (owner._last.TryGetValue(key, out var last) && last == Released) owner._last.Remove(key);
            }

            _released.TrySetResult();
        }
    }
}
