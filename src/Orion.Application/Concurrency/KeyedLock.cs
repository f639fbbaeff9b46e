namespace Orion.Application.Concurrency;

/// <summary>Lets those who want the same thing take turns in this process, in the order in which they came. They hold nothing while they wait.</summary>
/// <typeparam name="TKey">What is wanted.</typeparam>
public sealed class KeyedLock<TKey>(TimeProvider clock)
    where TKey : notnull
{
    private readonly Lock _gate = new();

    // The end of the turn that was asked for last; nothing where nobody has one.
    private readonly Dictionary<TKey, Task> _last = [];

    /// <summary>Waits for a turn.</summary>
    /// <returns>The turn, which ends when it is disposed of; null where it did not come in time.</returns>
    public async Task<IDisposable?> Wait(TKey key, TimeSpan patience, CancellationToken cancellationToken)
    {
        var mine = new Turn(this, key);
        if (Enqueue(key, mine) is not { } before) return mine;
        try
        {
            await before.WaitAsync(patience, clock, cancellationToken);
            return mine;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Whoever stands behind waits for the one before.
            _ = before.ContinueWith(_ => mine.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (exception is TimeoutException) return null;
            throw;
        }
    }

    private Task? Enqueue(TKey key, Turn turn)
    {
        lock (_gate)
        {
            _last.TryGetValue(key, out var before);
            _last[key] = turn.Over;
            return before;
        }
    }

    private sealed class Turn(KeyedLock<TKey> all, TKey key) : IDisposable
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Over => _over.Task;

        public void Dispose()
        {
            lock (all._gate)
            {
                if (all._last.TryGetValue(key, out var last) && last == Over) all._last.Remove(key);
            }

            _over.TrySetResult();
        }
    }
}
