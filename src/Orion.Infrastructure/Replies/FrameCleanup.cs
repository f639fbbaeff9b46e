using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Infrastructure.Persistence;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.Infrastructure.Replies;

/// <summary>Deletes the frames of replies that ended 10 minutes ago, reply by reply. Their streams are then made of their messages.</summary>
internal sealed partial class FrameCleanup(
    IServiceScopeFactory scopes, IDatabaseHealth database, TimeProvider clock, ILogger<FrameCleanup> logger, SqliteWriteLock? sqliteWrites = null)
    : BatchedCleanup(database, clock, batch: 20, TimeSpan.FromMinutes(1))
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(10);

    // The frames first: if the process ends in between, the reply is found again.
    protected override async Task<int> Delete(int limit, CancellationToken cancellationToken)
    {
        using var writeLock = sqliteWrites is null ? null : await sqliteWrites.Acquire(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        var before = Clock.GetUtcNow() - Age;
        var ended = await context.Replies.AsNoTracking()
            .Where(reply => reply.FinishedAt < before && !EF.Property<bool>(reply, ReplyMapping.FramesDeleted))
            .OrderBy(reply => reply.FinishedAt)
            .Take(limit)
            .Select(reply => new { reply.OwnerId, reply.SessionId, reply.Id })
            .ToListAsync(cancellationToken);
        foreach (var reply in ended)
        {
            await context.ReplyFrames
                .Where(frames => frames.OwnerId == reply.OwnerId && frames.SessionId == reply.SessionId && frames.ReplyId == reply.Id)
                .ExecuteDeleteAsync(cancellationToken);
            await context.Replies
                .Where(row => row.OwnerId == reply.OwnerId && row.SessionId == reply.SessionId && row.Id == reply.Id)
                .ExecuteUpdateAsync(row => row.SetProperty(one => EF.Property<bool>(one, ReplyMapping.FramesDeleted), true), cancellationToken);
        }

        return ended.Count;
    }

    [LoggerMessage(5009, LogLevel.Warning, "The frames of ended replies could not be deleted. {Reason} Orion retries later.")]
    protected override partial void LogFailed(string reason);
}
