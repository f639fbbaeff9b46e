using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;

namespace Orion.Infrastructure.Persistence;

/// <summary>Deletes expired idempotency records in small batches, so that requests do not wait for it.</summary>
internal sealed partial class IdempotencyCleanup(IDispatcher dispatcher, IDatabaseHealth database, TimeProvider clock, ILogger<IdempotencyCleanup> logger)
    : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WhenReady.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                var outcome = await dispatcher.Send(new DeleteExpiredIdempotencyRecords(Batch), stoppingToken);
                if (outcome.Value.Count == Batch) pause = PauseBetweenBatches;
            }
            catch (Exception exception)
            {
                // The loop ends only when the process stops.
                if (stoppingToken.IsCancellationRequested) return;
                LogFailed(exception.GetBaseException().Message);
            }

            await clock.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(2007, LogLevel.Warning, "Expired idempotency keys could not be deleted ({Reason}). Orion retries later.")]
    private partial void LogFailed(string reason);
}
