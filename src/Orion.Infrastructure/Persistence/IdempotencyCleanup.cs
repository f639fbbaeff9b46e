using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;

namespace Orion.Infrastructure.Persistence;

/// <summary>Deletes kept answers that are too old to be given: in small batches, so that nobody waits for it.</summary>
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
                // Whatever it was, a stop alone ends this.
                if (stoppingToken.IsCancellationRequested) return;
                LogFailed(exception.GetBaseException().Message);
            }

            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(2007, LogLevel.Warning, "Old idempotency keys could not be deleted ({Reason}). Orion tries again later.")]
    private partial void LogFailed(string reason);
}
