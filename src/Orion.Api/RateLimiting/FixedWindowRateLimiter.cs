using Orion.Infrastructure.Configuration;

namespace Orion.Api.RateLimiting;

/// <summary>
/// The budgets of this instance. Under any concurrency exactly a budget's size passes in its window, which begins with the first
/// request and runs on the monotonic clock.
/// </summary>
internal sealed class FixedWindowRateLimiter
{
    /// <summary>How many address budgets are held; new addresses beyond that share one.</summary>
    internal const int MaxAddresses = 100_000;

    private readonly WindowTable<RateLimitPartition> _addresses;
    private readonly WindowTable<RateLimitPartition> _users;

    public FixedWindowRateLimiter(RateLimitSettings settings, TimeProvider time)
    {
        _addresses = new(WindowRule.For(settings.MaxRequests, settings.Window, time), time, MaxAddresses);
        // Only people on the allow-list have one, so there are few.
        _users = new(WindowRule.For(settings.UserMaxRequests, settings.Window, time), time, int.MaxValue);
    }

    /// <summary>How many address budgets are held now.</summary>
    internal int AddressesHeld => _addresses.Held;

    /// <summary>Draws one request on a budget.</summary>
    internal RateLimitResult Take(RateLimitPartition key) => (key.Kind == RateLimitPartitionKind.Address ? _addresses : _users).Take(key);
}
