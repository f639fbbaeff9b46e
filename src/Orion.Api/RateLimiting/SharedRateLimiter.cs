using Orion.Application.RateLimiting;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.RateLimiting;

/// <summary>The rate limits of all instances together.</summary>
internal sealed class SharedRateLimiter(ISharedWindows windows, RateLimitSettings settings)
{
    /// <summary>Counts one request of a partition.</summary>
    /// <returns>The result; null if the instances cannot count together at the moment.</returns>
    internal ValueTask<RateLimitResult?> Acquire(RateLimitPartition partition)
    {
        Span<byte> bytes = stackalloc byte[RateLimitPartition.Length];
        partition.CopyTo(bytes);
        return Read(windows.Count(bytes), partition.Kind == RateLimitPartitionKind.Address ? settings.MaxRequests : settings.UserMaxRequests);
    }

    private async ValueTask<RateLimitResult?> Read(ValueTask<SharedWindow?> counting, int limit) => await counting is { } window
        ? new RateLimitResult(
            window.Used <= limit,
            (int)Math.Max(0, limit - window.Used),
            (int)Math.Clamp(Math.Ceiling(window.Left.TotalSeconds), 1, settings.Window.TotalSeconds))
        : null;
}
