using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Concurrency;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Infrastructure.Replies;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>
/// SQLite has one process, so this only reads replies that are about to begin or to end there. It looks at intervals.
/// </summary>
internal sealed class SqliteFrameSource(IServiceScopeFactory scopes, TimeProvider clock) : IFrameSource
{
    private const int RowsAtOnce = 32;

    public Task WaitForChange(TimeSpan atMost, CancellationToken cancellationToken) => clock.Delay(atMost, cancellationToken);

    public async Task<IReadOnlyList<NewFrames>> Read(IReadOnlyList<(ReplyKey Reply, int After)> replies, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        var news = new List<NewFrames>();
        foreach (var (reply, after) in replies)
        {
            var isStreaming = await context.Replies.AnyAsync(
                row => row.OwnerId == reply.Owner && row.SessionId == reply.Session && row.Id == reply.Reply && row.Status == ReplyStatus.Streaming,
                cancellationToken);
            var rows = await context.ReplyFrames.AsNoTracking()
                .Where(row => row.OwnerId == reply.Owner && row.SessionId == reply.Session && row.ReplyId == reply.Reply && row.Number > after)
                .OrderBy(row => row.Number)
                .Take(RowsAtOnce)
                .ToListAsync(cancellationToken);
            news.Add(new NewFrames(reply, [.. rows.SelectMany(row => StoredFrames.Split(row.Number, row.Frames))], isStreaming));
        }

        return news;
    }

    public ValueTask Close() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
