using Orion.Application.Concurrency;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>Waits until nothing blocks a migration any more. The wait is limited, and is reported at intervals.</summary>
internal sealed class MigrationWait(Action<string> report, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(15);

    // A short wait is normal and not worth a log line.
    private static readonly TimeSpan FirstReport = TimeSpan.FromSeconds(2);

    private readonly long _start = clock.GetTimestamp();
    private TimeSpan _reportAfter = FirstReport;

    /// <summary>Pauses before the next attempt.</summary>
    /// <param name="reason">What blocks the migration, as a sentence.</param>
    /// <param name="pause">The length of the pause.</param>
    /// <param name="cancellationToken">Ends the pause.</param>
    /// <exception cref="TimeoutException">The pauses have taken too long in total.</exception>
    internal async Task Pause(string reason, TimeSpan pause, CancellationToken cancellationToken)
    {
        var waited = clock.GetElapsedTime(_start);
        if (waited >= Timeout) throw new TimeoutException(reason);
        if (waited >= _reportAfter)
        {
            report($"{reason} Orion retries.");
            _reportAfter = waited + ReportInterval;
        }

        await clock.Delay(pause, cancellationToken);
    }
}
