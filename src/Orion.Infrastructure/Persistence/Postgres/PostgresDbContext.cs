using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;
using Orion.Application.Idempotency;
using Orion.Application.Retention;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Orion's tables on PostgreSQL.</summary>
internal sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options) : OrionDbContext(options)
{
    /// <summary>The channel on which processes learn that there are new frames of replies. Its notifications have no payload.</summary>
    internal const string RepliesChannel = "orion_replies";

    private const int PendingKilobytes = 256;

    internal override async Task EnsureTransaction(CancellationToken cancellationToken)
    {
        if (Database.CurrentTransaction is null) await Database.BeginTransactionAsync(cancellationToken);
    }

    internal override IQueryable<Message> MessagesOf(UserId ownerId, IReadOnlyList<(SessionId Session, MessageId Id)> ids)
    {
        var (sessions, messages) = (ids.Select(id => id.Session.Value).ToArray(), ids.Select(id => id.Id.Value).ToArray());
        return Messages.FromSql(
            $"""
            SELECT m.* FROM unnest({sessions}, {messages}) AS wanted (session_id, id)
            CROSS JOIN LATERAL (
                SELECT * FROM messages WHERE owner_id = {ownerId.Value} AND session_id = wanted.session_id AND id = wanted.id LIMIT 1) AS m
            """);
    }

    // The limits are in subqueries for the same reason as in SessionListSql.
    internal override IQueryable<Session> LockedExpired(UserId ownerId, DateTimeOffset now, int limit) => Sessions.FromSql(
        $"""
        SELECT * FROM sessions WHERE owner_id = {ownerId.Value} AND expires_at <= {now}
        ORDER BY expires_at LIMIT (SELECT {limit}) FOR UPDATE SKIP LOCKED
        """);

    internal override IQueryable<Session> LockedUnchanged(UserId ownerId, bool archived, RetentionCutoff cutoff, int limit) => archived
        ? Sessions.FromSql(
            $"""
            SELECT * FROM sessions
            WHERE owner_id = {ownerId.Value} AND archived_at IS NOT NULL AND updated_at < {cutoff.UnchangedSince}
              AND (expires_at IS NULL OR expires_at > {cutoff.ExpiredAt})
            ORDER BY updated_at LIMIT (SELECT {limit}) FOR UPDATE SKIP LOCKED
            """)
        : Sessions.FromSql(
            $"""
            SELECT * FROM sessions
            WHERE owner_id = {ownerId.Value} AND archived_at IS NULL AND updated_at < {cutoff.UnchangedSince}
              AND (expires_at IS NULL OR expires_at > {cutoff.ExpiredAt})
            ORDER BY updated_at LIMIT (SELECT {limit}) FOR UPDATE SKIP LOCKED
            """);

    internal override IQueryable<Message> MessagesFrom(UserId ownerId, IReadOnlyList<(SessionId Session, int Sequence)> texts)
    {
        var (sessions, sequences) = (texts.Select(text => text.Session.Value).ToArray(), texts.Select(text => text.Sequence).ToArray());
        return Messages.FromSql(
            $"""
            SELECT m.* FROM unnest({sessions}, {sequences}) AS wanted (session_id, sequence)
            CROSS JOIN LATERAL (
                SELECT * FROM messages
                WHERE owner_id = {ownerId.Value} AND session_id = wanted.session_id AND sequence >= wanted.sequence
                  AND (wanted.sequence > 0 OR role = 'user')
                ORDER BY sequence LIMIT 1) AS m
            """);
    }

    internal override IQueryable<AuthorizedUser> LockedUser(EmailAddress email) =>
        AuthorizedUsers.FromSql($"SELECT * FROM authorized_users WHERE email = {email.Value} FOR UPDATE");

    internal override IQueryable<Reply> LockedReply(UserId ownerId, SessionId session, ReplyId id) => Replies.FromSql(
        $"SELECT * FROM replies WHERE owner_id = {ownerId.Value} AND session_id = {session.Value} AND id = {id.Value} FOR UPDATE");

    internal override IQueryable<Session> LockSessionsToIndex(IReadOnlyCollection<SessionId> excluded, int limit)
    {
        var ids = excluded.Select(id => id.Value).ToArray();
        return Sessions.FromSql(
            $"""
            SELECT * FROM sessions WHERE indexed_version <> version AND id <> ALL ({ids})
            ORDER BY owner_id, id LIMIT {limit} FOR UPDATE SKIP LOCKED
            """);
    }

    internal override async Task WriteSearchTexts(IReadOnlyList<SearchText> texts, CancellationToken cancellationToken)
    {
        if (texts.Count == 0) return;
        await using var batch = new NpgsqlBatch(
            (NpgsqlConnection)Database.GetDbConnection(), (NpgsqlTransaction)Database.CurrentTransaction!.GetDbTransaction());
        foreach (var text in texts) batch.BatchCommands.Add(PostgresSearchRow.Write(text));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    internal override Task NotifyReaders(CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"SELECT pg_notify({RepliesChannel}, '')", cancellationToken);

    // EXCLUSIVE, because LockedUser waits for it. A weaker lock would let LockedUser lock its row, and the two could deadlock.
    internal override Task LockUsers(CancellationToken cancellationToken) =>
        Database.ExecuteSqlRawAsync("LOCK TABLE authorized_users IN EXCLUSIVE MODE", cancellationToken);

    internal override async Task<bool?> InsertKey(IdempotencyRecord row, DateTimeOffset expired, CancellationToken cancellationToken)
    {
        try
        {
            // The timeout applies only to the key. The command itself waits for its locks like any other.
            return await Database.ExecuteSqlAsync(
                $"""
                SET LOCAL lock_timeout = '2s';
                INSERT INTO idempotency_keys (owner_id, method, path, key, body_hash, created_at)
                VALUES ({row.OwnerId.Value}, {row.Method}, {row.Path}, {row.Key}, {row.BodyHash}, {row.CreatedAt})
                ON CONFLICT (owner_id, method, path, key) DO UPDATE
                SET body_hash = excluded.body_hash, created_at = excluded.created_at, session_id = NULL, answer = NULL
                WHERE idempotency_keys.created_at < {expired} OR idempotency_keys.created_at > {row.CreatedAt + IdempotencyKey.Lifetime};
                SET LOCAL lock_timeout = DEFAULT;
                """,
                cancellationToken) > 0;
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return null;
        }
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<SearchDocument>(document =>
        {
            document.Property<NpgsqlTsVector>(SearchDocument.Tokens).IsRequired();
            // A longer list of pending entries makes writes cheaper, but every search reads it to its end, and every write that fills it has to
            // merge it.
            document.HasIndex(SearchDocument.Tokens).HasMethod("gin").HasStorageParameter("gin_pending_list_limit", PendingKilobytes);
        });
    }
}
