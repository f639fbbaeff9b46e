using Microsoft.EntityFrameworkCore;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>
/// Writes texts into the search index. Their tokens are in an FTS5 table without content, whose row has the number of the document. A trigger
/// deletes it with the document.
/// </summary>
internal static class SqliteSearchRow
{
    internal static async Task Write(OrionDbContext context, IReadOnlyList<SearchText> texts, CancellationToken cancellationToken)
    {
        foreach (var text in texts)
        {
            var (owner, session, created) = (text.Owner.Value, text.Session.Value, SqliteDbContext.Microseconds.Of(text.CreatedAt));
            if (text.IsTitle)
            {
                await context.Database.ExecuteSqlAsync(
                    $"DELETE FROM search_documents WHERE owner_id = {owner} AND session_id = {session} AND sequence = {text.Sequence}", cancellationToken);
            }

            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO search_documents (owner_id, session_id, sequence, period, created_at)
                VALUES ({owner}, {session}, {text.Sequence}, {text.Period}, {created});
                INSERT INTO search_tokens (rowid, tokens) VALUES (last_insert_rowid(), {text.Tokens()})
                """,
                cancellationToken);
        }
    }

    /// <summary>The change is indexed with it. A session that was not indexed before stays unindexed, and so does one with copies of messages.</summary>
    internal static void MarkIndexed(OrionDbContext context, Session? fork)
    {
        foreach (var session in context.ChangeTracker.Entries<Session>())
        {
            if (session.State is not (EntityState.Added or EntityState.Modified) || session.Entity == fork) continue;
            var indexed = session.Property<long>(SessionMapping.IndexedVersion);
            if (session.State == EntityState.Added || indexed.OriginalValue == session.Property(row => row.Version).OriginalValue)
                indexed.CurrentValue = session.Entity.Version;
        }
    }
}
