namespace Orion.Application.Concurrency;

/// <summary>Waits for time to pass. An analyzer bans <c>Task.Delay</c> and <c>Thread.Sleep</c> everywhere else in <c>src</c>.</summary>
public static class TimeProviderExtensions
{
    /// <summary>The longest wait of <see cref="WaitUntil"/>. An instant further ahead was set by a fast clock.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    // Task.Delay throws beyond 49.7 days.
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(1);

    /// <summary>Waits for at least a duration: <c>Task.Delay</c> truncates it to milliseconds, and its timer may fire early.</summary>
    public static async Task Delay(this TimeProvider clock, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (duration - clock.GetElapsedTime(start) is var remaining && remaining > TimeSpan.Zero)
        {
            var timer = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(remaining.TotalMilliseconds, MaxTimer.TotalMilliseconds)));
#pragma warning disable RS0030 // the only permitted use
            await Task.Delay(timer, clock, cancellationToken);
#pragma warning restore RS0030
        }
    }

    /// <summary>Waits until the clock shows the instant, at most <see cref="MaxWait"/>. Tokens are dated by the same clock.</summary>
    /// <returns>Whether the clock shows the instant. False is returned immediately if the instant is too far ahead.</returns>
    public static async Task<bool> WaitUntil(this TimeProvider clock, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        // A loop, because the clock may be set back during the wait.
        while (instant - clock.GetUtcNow() is var remaining && remaining > TimeSpan.Zero)
        {
            if (remaining > MaxWait - clock.GetElapsedTime(start)) return false;
            await clock.Delay(remaining, cancellationToken);
        }

        return true;
    }
}
