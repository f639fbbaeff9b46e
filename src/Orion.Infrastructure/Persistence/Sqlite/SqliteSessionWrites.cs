using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Writes through EF Core's change tracker. There is only one writer at a time, so rows need no lock.</summary>
internal sealed class SqliteSessionWrites(OrionDbContext context, SearchIndexer indexer) : ISessionWrites
{
    /// <summary>The session with copies of messages that the transaction does not index; null if there is none.</summary>
    internal Session? Fork { get; private set; }

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

    // At once, and the session is inserted when the command is saved: its foreign key is checked at the commit.
    public async Task Add(MessageCopies copies, CancellationToken cancellationToken)
    {
        // IDs as EF Core writes them. CROSS JOIN makes SQLite loop over the list and not over the messages.
        var ids = JsonSerializer.Serialize(copies.Ids.Select(id => id.ToString().ToUpperInvariant()));
        await context.Database.ExecuteSqlAsync(
            $"""
            PRAGMA defer_foreign_keys = ON;
            INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
            SELECT m.owner_id, {copies.Fork.Id.Value}, m.sequence, ids.value, m.role, m.content, m.metadata, m.created_at
            FROM json_each({ids}) AS ids CROSS JOIN messages AS m
            WHERE m.owner_id = {copies.Fork.OwnerId.Value} AND m.session_id = {copies.Original.Value} AND m.sequence = ids.key + 1
            """,
            cancellationToken);
        Fork = copies.Fork;
    }

    /// <summary>Indexes <see cref="Fork"/> once it is committed. The tokens of the originals cannot be read.</summary>
    internal Task IndexFork() => indexer.Complete(Fork!);

    public void Remove(Session session) => context.Sessions.Remove(session);

    public void Complete(IdempotencyRecord record)
    {
        var row = context.IdempotencyRecords.Attach(record);
        row.Property(stored => stored.SessionId).IsModified = true;
        row.Property(stored => stored.Response).IsModified = true;
    }
}
