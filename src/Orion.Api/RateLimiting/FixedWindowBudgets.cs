using Orion.Infrastructure.Settings;

namespace Orion.Api.RateLimiting;

/// <summary>
/// The budgets of this instance. Under any concurrency exactly a budget's size passes in its window, which begins with the first
/// request and runs on the monotonic clock.
/// </summary>
internal sealed class FixedWindowBudgets
{
    /// <summary>How many address budgets are held; new addresses beyond that share one.</summary>
    internal const int MaxAddresses = 100_000;

    private readonly WindowTable<BudgetKey> _addresses;
    private readonly WindowTable<BudgetKey> _users;

    public FixedWindowBudgets(RateLimitSettings settings, TimeProvider time)
    {
        _addresses = new(WindowRule.For(settings.MaxRequests, settings.Window, time), time, MaxAddresses);
        // Only people on the allow-list have one, so there are few.
        _users = new(WindowRule.For(settings.UserMaxRequests, settings.Window, time), time, int.MaxValue);
    }

    /// <summary>How many address budgets are held now.</summary>
    internal int AddressesHeld => _addresses.Held;

    /// <summary>Draws one request on a budget.</summary>
    internal BudgetTaken Take(BudgetKey key) => (key.Kind == BudgetKind.Address ? _addresses : _users).Take(key);
}
