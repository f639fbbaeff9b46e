using Microsoft.Extensions.Hosting;
using Orion.Application.Availability;
using Orion.Application.Concurrency;

namespace Orion.Infrastructure.Persistence;

/// <summary>Deletes rows in small batches, so that requests do not wait for it, and looks for more after an interval.</summary>
/// <param name="database">The database's health.</param>
/// <param name="clock">The clock.</param>
/// <param name="batch">The size of a batch.</param>
/// <param name="interval">How long to wait after a batch that is not full.</param>
internal abstract class BatchedCleanup(IDatabaseHealth database, TimeProvider clock, int batch, TimeSpan interval) : BackgroundService
{
    private static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(200);

    /// <summary>The database's health.</summary>
    protected IDatabaseHealth Database { get; } = database;

    /// <summary>The clock.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>Deletes a batch.</summary>
    /// <returns>The number of what was deleted.</returns>
    protected abstract Task<int> Delete(int limit, CancellationToken cancellationToken);

    /// <summary>Logs that a batch could not be deleted.</summary>
    protected abstract void LogFailed(string reason);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Database.WhenReady.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = interval;
            try
            {
                if (await Delete(batch, stoppingToken) == batch) pause = PauseBetweenBatches;
            }
            catch (Exception exception)
            {
                // The loop ends only when the process stops.
                if (stoppingToken.IsCancellationRequested) return;
                LogFailed(Database.Explain(exception));
            }

            await Clock.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
