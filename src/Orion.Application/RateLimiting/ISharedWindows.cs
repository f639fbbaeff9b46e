namespace Orion.Application.RateLimiting;

/// <summary>The rate-limit windows that all instances share.</summary>
public interface ISharedWindows
{
    /// <summary>
    /// Counts a request in the window of a partition, which begins with the partition's first request. A request that does not fit into the
    /// limit is not counted.
    /// </summary>
    /// <param name="partition">The bytes that identify the partition.</param>
    /// <param name="cost">The number of requests that it counts as.</param>
    /// <param name="limit">The number of requests that a window allows.</param>
    /// <returns>The window; null if the instances cannot share windows at the moment. It takes at most 100 ms.</returns>
    ValueTask<SharedWindow?> Count(ReadOnlySpan<byte> partition, int cost, int limit);
}

/// <summary>A window that all instances share.</summary>
/// <param name="IsCounted">Whether it has counted the request.</param>
/// <param name="Used">The requests that it has counted.</param>
/// <param name="Left">The time until it ends.</param>
public readonly record struct SharedWindow(bool IsCounted, long Used, TimeSpan Left);
