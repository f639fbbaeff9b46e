using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orion.Infrastructure.Persistence;

namespace Orion.Infrastructure.Caching;

/// <summary>
/// Remembers for a moment what the database answered. An answer is never older than the contract's 5 s; one that cannot be renewed
/// is an exception. Questions are asked with genuine tokens alone, so that nobody outside can fill it; it is bounded all the same.
/// </summary>
/// <param name="ask">Asks the database; null is an answer, too.</param>
/// <param name="scopes">Where the database is.</param>
/// <param name="clock">Tells the age of an answer.</param>
internal sealed class ShortLivedCache<TKey, TAnswer>(
    Func<OrionDbContext, TKey, Task<TAnswer>> ask, IServiceScopeFactory scopes, TimeProvider clock)
    where TKey : notnull
{
    // The rest of the 5 s is for the query and for a request that is under way.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(4);
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    // Where nobody watches, nothing is counted.
    private CacheMetrics? _lookups;

    /// <summary>From now on it is counted what was remembered and what had to be asked.</summary>
    internal void Count(CacheMetrics lookups) => _lookups = lookups;

    internal ValueTask<TAnswer> Recall(TKey key, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(key, out var entry) && IsFresh(entry))
        {
            _lookups?.Hit();
        }
        else
        {
            _lookups?.Missed();
            entry = Renew(key, entry);
        }

        // Result does not wait here: the task is over. Almost every request comes this way, and this allocates nothing.
        return entry.Answer.IsCompletedSuccessfully
            ? new ValueTask<TAnswer>(entry.Answer.Result)
            : new ValueTask<TAnswer>(entry.Answer.WaitAsync(cancellationToken));
    }

    /// <summary>Forgets an answer, because this instance has just changed what it says.</summary>
    internal void Forget(TKey key) => _entries.TryRemove(key, out _);

    private bool IsFresh(Entry entry) => clock.GetElapsedTime(entry.AskedAt) < Lifetime && !entry.Answer.IsFaulted;

    // Whoever comes first asks, for all who wait. The age counts from before the query.
    private Entry Renew(TKey key, Entry? stale)
    {
        if (_entries.Count >= Capacity) _entries.Clear();

        var asked = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = new Entry(asked.Task, clock.GetTimestamp());
        var won = stale is null ? _entries.TryAdd(key, mine) : _entries.TryUpdate(key, mine, stale);
        if (!won && _entries.TryGetValue(key, out var other) && IsFresh(other)) return other;

        _ = Ask(key, asked);
        return mine;
    }

    private async Task Ask(TKey key, TaskCompletionSource<TAnswer> asked)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            asked.SetResult(await ask(scope.ServiceProvider.GetRequiredService<OrionDbContext>(), key));
        }
        catch (Exception exception)
        {
            asked.SetException(exception);
            // Those who wait see it; where nobody does any more, it is of no interest.
            _ = asked.Task.Exception;
        }
    }

    private sealed record Entry(Task<TAnswer> Answer, long AskedAt);
}
