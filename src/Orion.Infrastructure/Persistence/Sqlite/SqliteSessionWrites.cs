using Microsoft.EntityFrameworkCore;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Writes through EF Core's change tracker. There is only one writer at a time, so rows need no lock.</summary>
internal sealed class SqliteSessionWrites(OrionDbContext context) : ISessionWrites
{
    public async Task<Session?> Lock(UserId owner, SessionId id, CancellationToken cancellationToken)
    {
        await context.EnsureTransaction(cancellationToken);
        return await context.Sessions.SingleOrDefaultAsync(session => session.OwnerId == owner && session.Id == id, cancellationToken);
    }

    public async Task<IReadOnlyList<Session>> LockAll(UserId owner, IReadOnlyList<SessionId> ids, CancellationToken cancellationToken)
    {
        await context.EnsureTransaction(cancellationToken);
        return await context.Sessions.Where(session => session.OwnerId == owner && ids.Contains(session.Id)).ToListAsync(cancellationToken);
    }

    public void Add(Session session) => context.Sessions.Add(session);

    public void Add(Message message) => context.Messages.Add(message);

    public void Remove(Session session) => context.Sessions.Remove(session);

    public void Complete(IdempotencyRecord record)
    {
        var row = context.IdempotencyRecords.Attach(record);
        row.Property(stored => stored.SessionId).IsModified = true;
        row.Property(stored => stored.Response).IsModified = true;
    }
}
