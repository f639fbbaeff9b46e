using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orion.Infrastructure.Persistence;

namespace Orion.Infrastructure.Caching;

/// <summary>
/// Caches results of the database for a few seconds. A result is never older than the contract's 5 s: if it cannot be refreshed, the lookup
/// throws. Only valid tokens lead to a lookup, so outsiders cannot fill the cache. It is bounded nevertheless.
/// </summary>
/// <remarks>
/// HybridCache and MemoryCache count the age from the end of the query, and HybridCache may store the result of a query that was running
/// when its key was removed. Both would let a revoked user in again. A hit here allocates nothing.
/// </remarks>
/// <param name="query">Queries the database. A null result is cached, too.</param>
/// <param name="scopes">Creates the scope of a query.</param>
/// <param name="clock">Measures the age of a result.</param>
internal sealed class ShortLivedCache<TKey, TValue>(
    Func<OrionDbContext, TKey, Task<TValue>> query, IServiceScopeFactory scopes, TimeProvider clock)
    where TKey : notnull
{
    // The rest of the 5 s is for the query, and for the request that uses the result.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(4);

    // A query on a lost connection may take until its timeout. Later requests query again, on a new connection.
    private static readonly TimeSpan MaxQueryTime = TimeSpan.FromSeconds(1);
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    // Null if metrics are disabled.
    private CacheMetrics? _metrics;

    /// <summary>Counts hits and misses from now on.</summary>
    internal void Count(CacheMetrics metrics) => _metrics = metrics;

    internal ValueTask<TValue> Get(TKey key, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(key, out var entry) && IsFresh(entry))
        {
            _metrics?.Hit();
        }
        else
        {
            _metrics?.Miss();
            entry = Refresh(key, entry);
        }

        // Result does not block: the task has completed. This is the path of almost every request, and it allocates nothing.
        return entry.Value.IsCompletedSuccessfully
            ? new ValueTask<TValue>(entry.Value.Result)
            : new ValueTask<TValue>(entry.Value.WaitAsync(cancellationToken));
    }

    /// <summary>Removes a result that this instance has just made obsolete.</summary>
    internal void Invalidate(TKey key) => _entries.TryRemove(key, out _);

    private bool IsFresh(Entry entry) =>
        clock.GetElapsedTime(entry.QueriedAt) < (entry.Value.IsCompleted ? Lifetime : MaxQueryTime) && !entry.Value.IsFaulted;

    // The first caller queries for all callers. The age counts from before the query.
    private Entry Refresh(TKey key, Entry? stale)
    {
        if (_entries.Count >= Capacity) _entries.Clear();

        var value = new TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously);
        var created = new Entry(value.Task, clock.GetTimestamp());
        var isStored = stale is null ? _entries.TryAdd(key, created) : _entries.TryUpdate(key, created, stale);
        if (!isStored && _entries.TryGetValue(key, out var other) && IsFresh(other)) return other;

        _ = Query(key, value);
        return created;
    }

    private async Task Query(TKey key, TaskCompletionSource<TValue> value)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            value.SetResult(await query(scope.ServiceProvider.GetRequiredService<OrionDbContext>(), key));
        }
        catch (Exception exception)
        {
            value.SetException(exception);
            // Observed here, because the callers may have been cancelled.
            _ = value.Task.Exception;
        }
    }

    private sealed record Entry(Task<TValue> Value, long QueriedAt);
}
