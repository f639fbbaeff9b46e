using System.Diagnostics.Metrics;

namespace Orion.Infrastructure.Caching;

/// <summary>Counts how often a memory knew the answer, and how often the database had to be asked.</summary>
internal sealed class CacheMetrics
{
    private readonly Counter<long> _lookups;
    private readonly KeyValuePair<string, object?> _cache;

    /// <param name="meter">Where it is counted.</param>
    /// <param name="cache">The memory's name, one of a fixed few.</param>
    internal CacheMetrics(Meter meter, string cache)
    {
        _lookups = meter.CreateCounter<long>("orion.cache.lookups", "{lookup}", "Questions to what is remembered of authorizations, by whether it was known.");
        _cache = new("cache", cache);
        Count("hit", 0);
        Count("miss", 0);
    }

    internal void Hit() => Count("hit", 1);

    internal void Missed() => Count("miss", 1);

    private void Count(string result, long lookups) => _lookups.Add(lookups, _cache, new KeyValuePair<string, object?>("result", result));
}
