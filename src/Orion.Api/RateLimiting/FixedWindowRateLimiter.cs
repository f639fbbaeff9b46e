using Orion.Infrastructure.Configuration;

namespace Orion.Api.RateLimiting;

/// <summary>The rate limits of this instance. ADR 6 says why it is not <c>System.Threading.RateLimiting</c>.</summary>
internal sealed class FixedWindowRateLimiter(RateLimitSettings settings, TimeProvider time)
{
    /// <summary>How many addresses are counted separately; further addresses share one window.</summary>
    internal const int MaxAddresses = 100_000;

    private readonly FixedWindowCounter<RateLimitPartition> _addresses = new(settings.MaxRequests, settings.Window, time, MaxAddresses);

    // Only users on the allow-list have a window, so there are few.
    private readonly FixedWindowCounter<RateLimitPartition> _users = new(settings.UserMaxRequests, settings.Window, time, int.MaxValue);

    /// <summary>How many addresses are counted separately now.</summary>
    internal int AddressCount => _addresses.Count;

    /// <summary>Counts a request of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="cost">The number of requests that it counts as.</param>
    internal RateLimitResult Acquire(RateLimitPartition partition, int cost = 1) =>
        (partition.Kind == RateLimitPartitionKind.Address ? _addresses : _users).Acquire(partition, cost);
}
