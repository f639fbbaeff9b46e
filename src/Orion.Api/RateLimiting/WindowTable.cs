using System.Collections.Concurrent;

namespace Orion.Api.RateLimiting;

/// <summary>
/// Fixed windows by key, at most so many of them; keys beyond that share one. A window that is running is found without a common
/// lock and without an allocation; only a window's beginning takes the lock.
/// </summary>
/// <typeparam name="TKey">A key whose hash code cannot be foreseen by who chooses the key.</typeparam>
internal sealed class WindowTable<TKey>(WindowRule rule, TimeProvider time, int capacity)
    where TKey : struct, IEquatable<TKey>
{
    // Each beginning sweeps two, so that a backlog shrinks whatever comes, and none pays for all.
    private const int SweptAtOnce = 2;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<TKey, LinkedListNode<Entry>> _entries = new();
    private readonly FixedWindow _shared = new(rule);

    // In the order in which the windows began, which is the order in which they end, as all are equally long.
    private readonly LinkedList<Entry> _order = new();

    /// <summary>How many windows are held.</summary>
    internal int Held
    {
        get
        {
            lock (_gate)
                return _order.Count;
        }
    }

    /// <summary>Draws one on the key's window; begins it where none is running.</summary>
    internal RateLimitResult Take(TKey key) =>
        _entries.TryGetValue(key, out var entry) && entry.Value.Window.TryTake(time.GetTimestamp(), out var taken)
            ? taken
            : TakeOrBegin(key);

    private RateLimitResult TakeOrBegin(TKey key)
    {
        lock (_gate)
        {
            // Read inside the lock, so that the order of the list is the order of time.
            var now = time.GetTimestamp();
            Sweep(now);
            if (_entries.TryGetValue(key, out var entry))
            {
                if (entry.Value.Window.IsOver(now))
                {
                    _order.Remove(entry);
                    _order.AddLast(entry);
                }

                return entry.Value.Window.TakeOrBegin(now);
            }

            if (_order.Count >= capacity)
                return _shared.TakeOrBegin(now);

            var window = new FixedWindow(rule);
            var taken = window.TakeOrBegin(now);
            _entries[key] = _order.AddLast(new Entry(key, window));
            return taken;
        }
    }

    private void Sweep(long now)
    {
        for (var i = 0; i < SweptAtOnce && _order.First is { } oldest && oldest.Value.Window.IsOver(now); i++)
        {
            _order.Remove(oldest);
            _entries.TryRemove(oldest.Value.Key, out _);
        }
    }

    private readonly record struct Entry(TKey Key, FixedWindow Window);
}
