using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Export;
using Orion.Application.Messaging;
using Orion.Application.Retention;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// Deletes sessions that have expired or have not changed for too long, owner by owner. It runs twice an hour, so that a session is
/// deleted within an hour of its expiry. Several instances share the work: each leaves out what another one has locked.
/// </summary>
internal sealed partial class RetentionCleanup(
    IDispatcher dispatcher,
    RetentionPolicy policy,
    RetentionMetrics metrics,
    IDatabaseHealth database,
    TimeProvider clock,
    ILogger<RetentionCleanup> logger)
    : BatchedCleanup(database, clock, DeleteDueSessions.BatchSize, TimeSpan.FromMinutes(30))
{
    private readonly Queue<Caller> _owners = new();
    private DueSessions _deleted = DueSessions.None;

    protected override async Task<int> Delete(int limit, CancellationToken cancellationToken)
    {
        if (_owners.Count == 0)
        {
            foreach (var owner in (await dispatcher.Send(new ListOwners(), cancellationToken)).Value.Owners) _owners.Enqueue(owner.Caller);
        }

        while (_owners.TryDequeue(out var owner))
        {
            var batch = new DeleteDueSessions(owner, limit);
            try
            {
                var deleted = (await dispatcher.Send(batch, cancellationToken)).Value;
                metrics.Deleted(deleted);
                _deleted += deleted;
                if (!batch.IsFull(deleted)) continue;
                _owners.Enqueue(owner);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !Database.IsTransientError(exception))
            {
                // The other owners do not wait for it.
                LogFailed(Database.Explain(exception));
            }

            return limit;
        }

        if (_deleted.Count > 0) LogDeleted(_deleted.Expired, _deleted.Unchanged, policy.Days, _deleted.Messages);
        _deleted = DueSessions.None;
        return 0;
    }

    [LoggerMessage(2014, LogLevel.Information,
        "Retention deleted sessions: {Expired} that had expired and {Unchanged} without a change for {Days} days, with {Messages} messages.")]
    private partial void LogDeleted(int expired, int unchanged, int days, long messages);

    [LoggerMessage(2015, LogLevel.Warning, "Sessions that are due could not be deleted. {Reason} Orion retries later.")]
    protected override partial void LogFailed(string reason);
}
