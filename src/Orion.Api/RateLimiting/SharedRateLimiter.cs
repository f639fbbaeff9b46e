using Orion.Application.RateLimiting;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.RateLimiting;

/// <summary>The rate limits of all instances together.</summary>
internal sealed class SharedRateLimiter(ISharedWindows windows, RateLimitSettings settings)
{
    /// <summary>Counts a request of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="cost">The number of requests that it counts as.</param>
    /// <returns>The result; null if the instances cannot count together at the moment.</returns>
    internal ValueTask<RateLimitResult?> Acquire(RateLimitPartition partition, int cost)
    {
        Span<byte> bytes = stackalloc byte[RateLimitPartition.Length];
        partition.CopyTo(bytes);
        var limit = partition.Kind == RateLimitPartitionKind.Address ? settings.MaxRequests : settings.UserMaxRequests;
        return Read(windows.Count(bytes, cost, limit), limit);
    }

    private async ValueTask<RateLimitResult?> Read(ValueTask<SharedWindow?> counting, int limit) => await counting is { } window
        ? new RateLimitResult(
            window.IsCounted,
            (int)Math.Max(0, limit - window.Used),
            (int)Math.Clamp(Math.Ceiling(window.Left.TotalSeconds), 1, settings.Window.TotalSeconds))
        : null;
}
