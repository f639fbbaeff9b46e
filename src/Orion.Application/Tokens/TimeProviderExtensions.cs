namespace Orion.Application.Tokens;

/// <summary>Waits until an instant, by the clock that also dates tokens.</summary>
public static class TimeProviderExtensions
{
    /// <summary>The longest wait. An instant further ahead comes from a clock that was fast, and is not waited for.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    /// <summary>Waits until the clock shows the instant, at most <see cref="MaxWait"/>. It never returns early.</summary>
    /// <returns>Whether the instant has come. If it is too far ahead, the method returns false at once.</returns>
    public static async Task<bool> WaitUntil(this TimeProvider clock, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        // A timer truncates to whole milliseconds and fires early. A token of that moment would be rejected.
        while (instant - clock.GetUtcNow() is var remaining && remaining > TimeSpan.Zero)
        {
            if (remaining > MaxWait - clock.GetElapsedTime(start)) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(remaining.TotalMilliseconds)), clock, cancellationToken);
        }

        return true;
    }
}
