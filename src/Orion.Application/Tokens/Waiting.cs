namespace Orion.Application.Tokens;

/// <summary>Waits by the clock that also dates tokens.</summary>
public static class Waiting
{
    /// <summary>Waits until the clock shows the instant, and not a moment less.</summary>
    public static async Task Until(this TimeProvider clock, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        // A timer counts whole milliseconds and cuts off the rest, so that it fires early; a token of that moment would be refused.
        while (instant - clock.GetUtcNow() is var rest && rest > TimeSpan.Zero)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), clock, cancellationToken);
    }
}
