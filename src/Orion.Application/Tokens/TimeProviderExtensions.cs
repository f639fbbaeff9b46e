namespace Orion.Application.Tokens;

/// <summary>Waits by the clock that also dates tokens: the one home of waiting until an instant.</summary>
public static class TimeProviderExtensions
{
    /// <summary>The longest wait. What is further ahead was written by a clock that ran ahead, and is no reason to wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Waits until the clock shows the instant, and not a moment less; at most <see cref="Longest"/>.</summary>
    /// <returns>Whether the instant has come. Where it is too far ahead the answer is false at once.</returns>
    public static async Task<bool> Until(this TimeProvider clock, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        // A timer counts whole milliseconds and cuts off the rest, so that it fires early; a token of that moment would be refused.
        while (instant - clock.GetUtcNow() is var rest && rest > TimeSpan.Zero)
        {
            if (rest > Longest - clock.GetElapsedTime(begun)) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), clock, cancellationToken);
        }

        return true;
    }
}
