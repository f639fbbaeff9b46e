namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>Waits for what keeps a migration from going on: for a bounded time, and not in silence.</summary>
internal sealed class MigrationWait(Action<string> tell, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(15);

    // Others may use for a moment what is waited for; only what lasts is worth a line.
    private static readonly TimeSpan FirstTell = TimeSpan.FromSeconds(2);

    private readonly long _start = clock.GetTimestamp();
    private TimeSpan _tellAfter = FirstTell;

    /// <summary>Waits a while.</summary>
    /// <param name="reason">What is waited for, as a sentence.</param>
    /// <param name="pause">How long.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="TimeoutException">It has been waited for long enough.</exception>
    internal async Task Pause(string reason, TimeSpan pause, CancellationToken cancellationToken)
    {
        var waited = clock.GetElapsedTime(_start);
        if (waited >= Timeout) throw new TimeoutException(reason);
        if (waited >= _tellAfter)
        {
            tell($"{reason} Orion goes on trying.");
            _tellAfter = waited + TellEvery;
        }

        await Task.Delay(pause, clock, cancellationToken);
    }
}
