using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;

namespace Orion.Infrastructure.Persistence;

/// <summary>Deletes expired idempotency records.</summary>
internal sealed partial class IdempotencyCleanup(IDispatcher dispatcher, IDatabaseHealth database, TimeProvider clock, ILogger<IdempotencyCleanup> logger)
    : BatchedCleanup(database, clock, batch: 500, TimeSpan.FromMinutes(10))
{
    protected override async Task<int> Delete(int limit, CancellationToken cancellationToken) =>
        (await dispatcher.Send(new DeleteExpiredIdempotencyRecords(limit), cancellationToken)).Value.Count;

    [LoggerMessage(2007, LogLevel.Warning, "Expired idempotency keys could not be deleted. {Reason} Orion retries later.")]
    protected override partial void LogFailed(string reason);
}
