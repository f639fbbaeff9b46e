using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>Indexes the sessions that a version of Orion without search has written, in small batches beside the requests.</summary>
internal sealed partial class SearchBackfill(
    SearchIndexer indexer, IServiceScopeFactory scopes, IDatabaseHealth database, TimeProvider clock, ILogger<SearchBackfill> logger)
    : BackgroundService
{
    // Versions without search may still be running during a rollout.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMinutes(1);

    // They are left out until all others are indexed.
    private readonly HashSet<SessionId> _failed = [];

    private bool _isReported;
    private long _reportedAt;
    private int _indexed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WhenReady.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = PauseAfterError;
            try
            {
                pause = await IndexBatch(stoppingToken);
            }
            catch (Exception exception)
            {
                if (stoppingToken.IsCancellationRequested) return;
                LogFailed(database.Explain(exception));
            }

            await clock.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns the pause before the next batch.
    private async Task<TimeSpan> IndexBatch(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var batch = await indexer.IndexSome(_failed, cancellationToken);
        var elapsed = clock.GetElapsedTime(start);
        _indexed += batch.Messages;
        if (batch.Failed is { } failed)
        {
            // If many sessions fail, the reason is probably not in them.
            _failed.Add(failed);
            return PauseAfterFailure * _failed.Count;
        }

        var isIdle = batch.Sessions == 0;
        await Report(isIdle, cancellationToken);
        if (isIdle)
        {
            _failed.Clear();
            return Interval;
        }

        // Half of the time at most, so that requests hardly notice.
        return elapsed > MinPause ? elapsed : MinPause;
    }

    // Without a session to index there may be some that failed, or that requests or other instances hold.
    private async Task Report(bool isIdle, CancellationToken cancellationToken)
    {
        if (isIdle ? !_isReported : _isReported && clock.GetElapsedTime(_reportedAt) < ReportInterval) return;
        await using var scope = scopes.CreateAsyncScope();
        var count = await scope.ServiceProvider.GetRequiredService<OrionDbContext>().Sessions
            .CountAsync(session => EF.Property<long>(session, SessionMapping.IndexedVersion) != session.Version, cancellationToken);
        if (count > 0)
        {
            LogIndexing(count, _indexed);
            (_isReported, _reportedAt) = (true, clock.GetTimestamp());
        }
        else if (isIdle)
        {
            LogIndexed(_indexed);
            (_isReported, _indexed) = (false, 0);
        }
    }

    [LoggerMessage(6001, LogLevel.Information, "{Sessions} sessions are not in the search index yet. {Messages} messages have been added to it so far.")]
    private partial void LogIndexing(int sessions, int messages);

    [LoggerMessage(6002, LogLevel.Information, "The search index is complete. {Messages} messages have been added to it.")]
    private partial void LogIndexed(int messages);

    [LoggerMessage(6003, LogLevel.Warning, "Older messages could not be added to the search index. {Reason} Orion retries later.")]
    private partial void LogFailed(string reason);
}
