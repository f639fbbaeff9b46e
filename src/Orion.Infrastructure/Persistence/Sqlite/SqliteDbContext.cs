using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Orion.Application.Idempotency;
using Orion.Application.Retention;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Orion's tables on SQLite.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : OrionDbContext(options)
{
    internal override async Task EnsureTransaction(CancellationToken cancellationToken)
    {
        // BEGIN IMMEDIATE. A transaction that reads first and writes later fails if another one has written in between.
        if (Database.CurrentTransaction is null) await Database.BeginTransactionAsync(cancellationToken);
    }

    internal override IQueryable<Message> MessagesOf(UserId ownerId, IReadOnlyList<(SessionId Session, MessageId Id)> ids)
    {
        // IDs as EF Core writes them. CROSS JOIN makes SQLite loop over the list and not over the messages.
        var list = JsonSerializer.Serialize(ids.Select(id => (string[])[Text(id.Session.Value), Text(id.Id.Value)]));
        return Messages.FromSql(
            $"""
            SELECT m.* FROM json_each({list}) AS wanted CROSS JOIN messages m
            WHERE m.owner_id = {ownerId.Value}
              AND m.session_id = json_extract(wanted.value, '$[0]') AND m.id = json_extract(wanted.value, '$[1]')
            """);

        static string Text(Guid id) => id.ToString().ToUpperInvariant();
    }

    // There is only one writer at a time.
    internal override IQueryable<Session> LockedExpired(UserId ownerId, DateTimeOffset now, int limit) =>
        Sessions.Where(session => session.OwnerId == ownerId && session.ExpiresAt <= now).OrderBy(session => session.ExpiresAt).Take(limit);

    internal override IQueryable<Session> LockedUnchanged(UserId ownerId, bool archived, RetentionCutoff cutoff, int limit)
    {
        var unchanged = Sessions.Where(session => session.OwnerId == ownerId && session.UpdatedAt < cutoff.UnchangedSince
            && (session.ExpiresAt == null || session.ExpiresAt > cutoff.ExpiredAt));
        return (archived ? unchanged.Where(session => session.ArchivedAt != null) : unchanged.Where(session => session.ArchivedAt == null))
            .OrderBy(session => session.UpdatedAt)
            .Take(limit);
    }

    internal override IQueryable<Message> MessagesFrom(UserId ownerId, IReadOnlyList<(SessionId Session, int Sequence)> texts)
    {
        var list = JsonSerializer.Serialize(texts.Select(text => (object[])[text.Session.Value.ToString().ToUpperInvariant(), text.Sequence]));
        return Messages.FromSql(
            $"""
            SELECT m.* FROM json_each({list}) AS wanted CROSS JOIN messages m
            WHERE m.owner_id = {ownerId.Value} AND m.session_id = json_extract(wanted.value, '$[0]') AND m.sequence = (
                SELECT sequence FROM messages
                WHERE owner_id = {ownerId.Value} AND session_id = json_extract(wanted.value, '$[0]') AND sequence >= json_extract(wanted.value, '$[1]')
                  AND (json_extract(wanted.value, '$[1]') > 0 OR role = 'user')
                ORDER BY sequence LIMIT 1)
            """);
    }

    internal override IQueryable<AuthorizedUser> LockedUser(EmailAddress email) => AuthorizedUsers.Where(user => user.Email == email);

    internal override IQueryable<Reply> LockedReply(UserId ownerId, SessionId session, ReplyId id) =>
        Replies.Where(reply => reply.OwnerId == ownerId && reply.SessionId == session && reply.Id == id);

    internal override IQueryable<Session> LockSessionsToIndex(IReadOnlyCollection<SessionId> excluded, int limit)
    {
        var ids = JsonSerializer.Serialize(excluded.Select(id => id.Value.ToString().ToUpperInvariant()));
        return Sessions.FromSql(
            $"""
            SELECT * FROM sessions WHERE indexed_version <> version AND id NOT IN (SELECT value FROM json_each({ids}))
            ORDER BY owner_id, id LIMIT {limit}
            """);
    }

    // FTS5 only marks a deleted text, and keeps its words until it merges the parts of its index.
    internal override Task RemoveDeletedTokens(CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"INSERT INTO search_tokens (search_tokens) VALUES ('optimize')", cancellationToken);

    internal override Task WriteSearchTexts(IReadOnlyList<SearchText> texts, CancellationToken cancellationToken) =>
        SqliteSearchRow.Write(this, texts, cancellationToken);

    // There is only one process.
    internal override Task NotifyReaders(CancellationToken cancellationToken) => Task.CompletedTask;

    // There is only one writer at a time.
    internal override Task LockUsers(CancellationToken cancellationToken) => Task.CompletedTask;

    internal override async Task<bool?> InsertKey(IdempotencyRecord row, DateTimeOffset expired, CancellationToken cancellationToken)
    {
        // With one writer at a time, no other transaction can be holding the key.
        return await Database.ExecuteSqlAsync(
            $"""
            INSERT INTO idempotency_keys (owner_id, method, path, key, body_hash, created_at)
            VALUES ({row.OwnerId.Value}, {row.Method}, {row.Path}, {row.Key}, {row.BodyHash}, {Microseconds.Of(row.CreatedAt)})
            ON CONFLICT (owner_id, method, path, key) DO UPDATE
            SET body_hash = excluded.body_hash, created_at = excluded.created_at, session_id = NULL, answer = NULL
            WHERE idempotency_keys.created_at < {Microseconds.Of(expired)}
               OR idempotency_keys.created_at > {Microseconds.Of(row.CreatedAt + IdempotencyKey.Lifetime)}
            """,
            cancellationToken) > 0;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<SearchDocument>(document =>
        {
            // The row of its tokens has the same number (SqliteSearchRow).
            document.Property<long>(SearchDocument.Number);
            document.HasKey(SearchDocument.Number);
            document.HasIndex(row => new { row.OwnerId, row.SessionId, row.Sequence }).IsUnique();
        });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<Microseconds>();
    }

    // SQLite has no type for an instant. Microseconds since the Unix epoch compare and sort correctly.
    internal sealed class Microseconds() : ValueConverter<DateTimeOffset, long>(
        instant => Of(instant),
        stored => new DateTimeOffset((stored * TimeSpan.TicksPerMicrosecond) + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero))
    {
        internal static long Of(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    }
}
