using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Domain.Sessions;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// Indexes the sessions that a version of Orion without search has written, in small batches beside the requests. A session is locked while
/// its batch is indexed, and the row itself tells whether it is complete: several instances share the work, and a restart continues it.
/// </summary>
internal sealed partial class SearchBackfill(
    IServiceScopeFactory scopes, IDatabaseHealth database, TimeProvider clock, ILogger<SearchBackfill> logger, SqliteWriteLock? sqliteWrites = null)
    : BackgroundService
{
    private const int SessionsOfBatch = 20;
    private const int MessagesOfBatch = 100;

    // Versions without search may still be running during a rollout.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(20);

    private bool _isReported;
    private long _reportedAt;
    private int _indexed;

    /// <summary>
    /// Indexes the messages of a locked session that are not in the index, and its title.
    /// </summary>
    /// <param name="context">The context, in a transaction.</param>
    /// <param name="session">The session.</param>
    /// <param name="limit">The largest number of messages.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The number of messages that were indexed. The session is complete if it is below the limit.</returns>
    internal static async Task<int> Index(OrionDbContext context, Session session, int limit, CancellationToken cancellationToken)
    {
        var messages = context.Messages.AsNoTracking().Where(message => message.OwnerId == session.OwnerId && message.SessionId == session.Id);
        var missing = await messages
            .Where(message => !context.SearchDocuments.Any(document =>
                document.OwnerId == message.OwnerId && document.SessionId == message.SessionId && document.Sequence == message.Sequence))
            .OrderBy(message => message.Sequence)
            .Take(limit)
            .ToListAsync(cancellationToken);
        List<SearchText> texts = [.. missing.Select(SearchText.Of)];
        if (missing.Count < limit && session.Title is { } title)
        {
            var naming = await messages.Where(message => message.Role == MessageRole.User).OrderBy(message => message.Sequence).FirstOrDefaultAsync(cancellationToken);
            if (naming is null || SessionTitle.Derive(naming.Content) != title) texts.Add(SearchText.Of(session, title));
        }

        await context.WriteSearchTexts(texts, cancellationToken);
        if (missing.Count < limit)
        {
            await context.Sessions.Where(row => row.OwnerId == session.OwnerId && row.Id == session.Id).ExecuteUpdateAsync(
                row => row.SetProperty(one => EF.Property<long>(one, SessionMapping.IndexedVersion), one => one.Version), cancellationToken);
        }

        return missing.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WhenReady.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                var start = clock.GetTimestamp();
                if (await IndexBatch(stoppingToken))
                {
                    // Half of the time at most, so that requests hardly notice.
                    pause = clock.GetElapsedTime(start) is var elapsed && elapsed > MinPause ? elapsed : MinPause;
                    await ReportProgress(stoppingToken);
                }
                else
                {
                    ReportEnd();
                }
            }
            catch (Exception exception)
            {
                if (stoppingToken.IsCancellationRequested) return;
                LogFailed(database.Explain(exception));
            }

            await clock.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // False if no session is left, or if requests or other instances hold all that are left.
    private async Task<bool> IndexBatch(CancellationToken cancellationToken)
    {
        using var writeLock = sqliteWrites is null ? null : await sqliteWrites.Acquire(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        await context.EnsureTransaction(cancellationToken);
        var sessions = await context.LockSessionsToIndex(SessionsOfBatch).AsNoTracking().ToListAsync(cancellationToken);
        var left = MessagesOfBatch;
        foreach (var session in sessions)
        {
            left -= await Index(context, session, left, cancellationToken);
            if (left == 0) break;
        }

        await context.Database.CurrentTransaction!.CommitAsync(cancellationToken);
        _indexed += MessagesOfBatch - left;
        return sessions.Count > 0;
    }

    private async Task ReportProgress(CancellationToken cancellationToken)
    {
        if (_isReported && clock.GetElapsedTime(_reportedAt) < ReportInterval) return;
        await using var scope = scopes.CreateAsyncScope();
        var sessions = scope.ServiceProvider.GetRequiredService<OrionDbContext>().Sessions
            .Where(session => EF.Property<long>(session, SessionMapping.IndexedVersion) != session.Version);
        var count = await sessions.CountAsync(cancellationToken);
        if (count == 0) return;
        LogIndexing(count, _indexed);
        _isReported = true;
        _reportedAt = clock.GetTimestamp();
    }

    private void ReportEnd()
    {
        if (_isReported) LogIndexed(_indexed);
        _isReported = false;
        _indexed = 0;
    }

    [LoggerMessage(6001, LogLevel.Information, "{Sessions} sessions are not in the search index yet. {Messages} messages have been added to it so far.")]
    private partial void LogIndexing(int sessions, int messages);

    [LoggerMessage(6002, LogLevel.Information, "The search index is complete. {Messages} messages have been added to it.")]
    private partial void LogIndexed(int messages);

    [LoggerMessage(6003, LogLevel.Warning, "Older messages could not be added to the search index. {Reason} Orion retries later.")]
    private partial void LogFailed(string reason);
}
