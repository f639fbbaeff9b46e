namespace Orion.Application.RateLimiting;

/// <summary>The rate-limit windows that all instances share.</summary>
public interface ISharedWindows
{
    /// <summary>Counts one request in the window of a partition, which begins with the partition's first request.</summary>
    /// <param name="partition">The bytes that identify the partition.</param>
    /// <returns>The window; null if the instances cannot share windows at the moment. It takes at most 100 ms.</returns>
    ValueTask<SharedWindow?> Count(ReadOnlySpan<byte> partition);
}

/// <summary>A window that all instances share.</summary>
/// <param name="Used">The requests that it has counted, with those beyond the limit.</param>
/// <param name="Left">The time until it ends.</param>
public readonly record struct SharedWindow(long Used, TimeSpan Left);
