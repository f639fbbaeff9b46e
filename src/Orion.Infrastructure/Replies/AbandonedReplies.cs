using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence;

namespace Orion.Infrastructure.Replies;

/// <summary>
/// Ends the replies of processes that no longer run: those whose lease has not changed for 30 s, measured by the monotonic clock of this
/// process. SQLite has only one process, so at its start all running replies are those of an earlier one.
/// </summary>
internal sealed partial class AbandonedReplies(
    RunningReplies replies,
    IServiceScopeFactory scopes,
    IDispatcher dispatcher,
    IDatabaseHealth database,
    ReplyMetrics metrics,
    DatabaseSettings settings,
    TimeProvider clock,
    ILogger<AbandonedReplies> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    // A session whose lock another transaction holds delays the others no longer than this.
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(5);
    private const int MaxConcurrency = 4;

    private Dictionary<ReplyKey, Seen> _seen = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WhenReady.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var isStart = settings.Provider == DatabaseProvider.Sqlite;
        var isFailing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await EndAbandoned(isStart ? TimeSpan.Zero : LeaseDuration, stoppingToken);
                (isStart, isFailing) = (false, false);
            }
            catch (Exception exception)
            {
                if (stoppingToken.IsCancellationRequested) return;
                if (!isFailing) LogFailed(database.Explain(exception));
                isFailing = true;
            }

            await clock.Delay(Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task EndAbandoned(TimeSpan duration, CancellationToken cancellationToken)
    {
        var running = await ReadRunning(cancellationToken);
        var now = clock.GetTimestamp();
        _seen = running.ToDictionary(
            reply => reply.Key,
            reply => _seen.GetValueOrDefault(reply.Key) is { } seen && seen.Lease == reply.Lease ? seen : new Seen(reply.Lease, now));
        var abandoned = running.Where(reply => !reply.IsOwn || duration > TimeSpan.Zero)
            .Where(reply => clock.GetElapsedTime(_seen[reply.Key].At, now) >= duration);
        await Parallel.ForEachAsync(
            abandoned, new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken }, End);
    }

    private async ValueTask End(Running reply, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(LockTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var command = new EndReply(reply.Owner, reply.Key.Session, reply.Key.Reply, [], ReplyEnd.Interrupted, Lease: reply.Lease);
        try
        {
            var ended = await dispatcher.Send(command, either.Token);
            if (ended.Error is not null || ended.Value.IsStreaming) return;
            metrics.Ended(ended.Value);
            LogEnded(reply.Key.Reply);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The next look tries again.
        }
    }

    // A reply of this process that it does not run was begun by a request that failed before it could start it.
    private async Task<IReadOnlyList<Running>> ReadRunning(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        var rows = await context.Replies.AsNoTracking()
            .Where(reply => reply.Status == ReplyStatus.Streaming)
            .Join(context.AuthorizedUsers, reply => reply.OwnerId, user => user.Id, (reply, user) => new { reply.SessionId, reply.Id, reply.Instance, reply.Lease, Owner = user })
            .ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(row => new Running(
                    new(row.Owner.Id, row.SessionId, row.Id), new Caller(row.Owner.Id, row.Owner.Email), row.Lease, row.Instance == replies.Instance))
                .Where(reply => replies.Find(reply.Key) is null),
        ];
    }

    [LoggerMessage(5007, LogLevel.Warning, "Reply {ReplyId} was interrupted: the process that streamed it no longer runs.")]
    private partial void LogEnded(ReplyId replyId);

    [LoggerMessage(5008, LogLevel.Warning, "Replies of processes that no longer run cannot be ended. {Reason} Orion retries.")]
    private partial void LogFailed(string reason);

    private sealed record Running(ReplyKey Key, Caller Owner, long Lease, bool IsOwn);

    private sealed record Seen(long Lease, long At);
}
