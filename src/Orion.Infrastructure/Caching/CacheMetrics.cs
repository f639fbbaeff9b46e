using System.Diagnostics.Metrics;

namespace Orion.Infrastructure.Caching;

/// <summary>Counts the hits and misses of a cache.</summary>
internal sealed class CacheMetrics
{
    private readonly Counter<long> _lookups;
    private readonly KeyValuePair<string, object?> _cache;

    /// <param name="meter">The meter of the counter.</param>
    /// <param name="cache">The name of the cache, from a short fixed list.</param>
    internal CacheMetrics(Meter meter, string cache)
    {
        _lookups = meter.CreateCounter<long>("orion.cache.lookups", "{lookup}", "Lookups in the caches of users and of session tokens, by result.");
        _cache = new("cache", cache);
        Count("hit", 0);
        Count("miss", 0);
    }

    internal void Hit() => Count("hit", 1);

    internal void Miss() => Count("miss", 1);

    private void Count(string result, long lookups) => _lookups.Add(lookups, _cache, new KeyValuePair<string, object?>("result", result));
}
