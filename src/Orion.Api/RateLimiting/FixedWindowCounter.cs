namespace Orion.Api.RateLimiting;

/// <summary>The result of counting a request.</summary>
/// <param name="IsAllowed">Whether the request is within the limit.</param>
/// <param name="Remaining">How many more requests are allowed in this window.</param>
/// <param name="ResetSeconds">The seconds until the window ends, rounded up: from 1 to the length of the window.</param>
internal readonly record struct RateLimitResult(bool IsAllowed, int Remaining, int ResetSeconds);

/// <summary>
/// Counts requests by key in fixed windows. A window starts with its key's first request and runs on the monotonic clock. At most
/// <paramref name="capacity"/> keys have a window of their own; further keys share one.
/// </summary>
/// <remarks>One lock for all keys, held for about 100 ns. Most requests are those of one user, who has one window anyway.</remarks>
/// <typeparam name="TKey">A key whose hash code a client cannot predict.</typeparam>
internal sealed class FixedWindowCounter<TKey>(int limit, TimeSpan length, TimeProvider time, int capacity)
    where TKey : struct, IEquatable<TKey>
{
    // The table shrinks after a peak, and no single request pays for removing all expired windows.
    private const int RemovedPerNewWindow = 2;

    private readonly long _length = checked((long)length.TotalSeconds * time.TimestampFrequency);
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Window>> _windows = [];

    // By start, which is also the order in which they end: all windows have the same length.
    private readonly LinkedList<Window> _byStart = new();
    private Window? _shared;

    /// <summary>How many keys have a window of their own.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
                return _windows.Count;
        }
    }

    /// <summary>Counts a request of a key. A rejected request does not count.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cost">The number of requests that it counts as.</param>
    internal RateLimitResult Acquire(TKey key, int cost = 1)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var window = CurrentWindow(key, now);
            var isAllowed = limit - window.Used >= cost;
            if (isAllowed) window.Used += cost;
            var secondsLeft = (window.Start + _length - now + time.TimestampFrequency - 1) / time.TimestampFrequency;
            return new RateLimitResult(isAllowed, limit - window.Used, (int)secondsLeft);
        }
    }

    private Window CurrentWindow(TKey key, long now)
    {
        if (_windows.TryGetValue(key, out var node))
        {
            if (!HasEnded(node.Value, now)) return node.Value;
            Remove(node);
        }

        for (var i = 0; i < RemovedPerNewWindow && _byStart.First is { } oldest && HasEnded(oldest.Value, now); i++)
            Remove(oldest);

        if (_windows.Count >= capacity)
            return _shared is null || HasEnded(_shared, now) ? _shared = new Window(key, now) : _shared;

        return (_windows[key] = _byStart.AddLast(new Window(key, now))).Value;
    }

    private bool HasEnded(Window window, long now) => now - window.Start >= _length;

    private void Remove(LinkedListNode<Window> node)
    {
        _byStart.Remove(node);
        _windows.Remove(node.Value.Key);
    }

    private sealed class Window(TKey key, long start)
    {
        internal TKey Key => key;

        internal long Start => start;

        internal int Used { get; set; }
    }
}
