namespace Orion.Api.RateLimiting;

/// <summary>What a request got from its budget.</summary>
/// <param name="Allowed">Whether the request was within it.</param>
/// <param name="Left">How many more are, in this window.</param>
/// <param name="ResetsIn">The whole seconds until the window is over: at least 1, at most its length.</param>
internal readonly record struct RateLimitResult(bool Allowed, int Left, int ResetsIn);

/// <summary>The size of a budget and the length of its window, in the units of a monotonic clock.</summary>
/// <param name="Budget">How many requests pass in a window.</param>
/// <param name="Ticks">The window's length in the clock's ticks.</param>
/// <param name="TicksPerSecond">The clock's frequency.</param>
internal sealed record WindowRule(int Budget, long Ticks, long TicksPerSecond)
{
    internal static WindowRule For(int budget, TimeSpan window, TimeProvider time) =>
        new(budget, checked((long)window.TotalSeconds * time.TimestampFrequency), time.TimestampFrequency);

    /// <summary>The whole seconds until a window is over.</summary>
    internal int SecondsLeft(long elapsed)
    {
        // Another thread may have begun the window after this one read the clock.
        var left = Ticks - Math.Max(elapsed, 0);
        return (int)((left + TicksPerSecond - 1) / TicksPerSecond);
    }
}

/// <summary>
/// One budget's fixed window. A window that is over stays as it is until somebody begins the next, so a thread that read the clock
/// before the end and comes late still counts in the window that it belongs to.
/// </summary>
internal sealed class FixedWindow(WindowRule rule)
{
    private long _begun;
    private int _used = -1;

    /// <summary>Draws on the window; false where it is over, or none has begun yet.</summary>
    internal bool TryTake(long now, out RateLimitResult taken)
    {
        // The window is its own lock: nobody outside this room sees it, and 100,000 further objects would be a third of the memory.
        lock (this)
        {
            var elapsed = now - _begun;
            if (_used < 0 || elapsed >= rule.Ticks)
            {
                taken = default;
                return false;
            }

            var allowed = _used < rule.Budget;
            if (allowed)
                _used++;
            taken = new RateLimitResult(allowed, rule.Budget - _used, rule.SecondsLeft(elapsed));
            return true;
        }
    }

    /// <summary>Draws on the window, or begins the next where it is over.</summary>
    internal RateLimitResult TakeOrBegin(long now)
    {
        lock (this)
        {
            if (TryTake(now, out var taken))
                return taken;

            _begun = now;
            _used = 1;
            return new RateLimitResult(Allowed: true, rule.Budget - 1, rule.SecondsLeft(0));
        }
    }

    /// <summary>Whether the window is over.</summary>
    internal bool IsOver(long now)
    {
        lock (this)
            return now - _begun >= rule.Ticks;
    }
}
