using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Orion.Application.Idempotency;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Orion's tables on SQLite.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : OrionDbContext(options)
{
    // There is one writer at a time: what a transaction reads before it writes still holds then.
    internal override bool ChecksCallerWithWrites => false;

    internal override bool IsCallerRefused(DbUpdateException exception) => false;

    internal override async Task EnsureTransaction(CancellationToken cancellationToken)
    {
        // BEGIN IMMEDIATE: a transaction that reads first and writes later would fail where another wrote in between.
        if (Database.CurrentTransaction is null) await Database.BeginTransactionAsync(cancellationToken);
    }

    internal override IQueryable<Session> LockedSession(UserId ownerId, SessionId id) =>
        Sessions.Where(session => session.OwnerId == ownerId && session.Id == id);

    internal override IQueryable<Session> LockedSessions(UserId ownerId, IReadOnlyList<SessionId> ids) =>
        Sessions.Where(session => session.OwnerId == ownerId && ids.Contains(session.Id));

    internal override IQueryable<Message> MessagesOf(UserId ownerId, IReadOnlyList<(SessionId Session, MessageId Id)> ids)
    {
        // As EF Core writes ids. CROSS: the list is gone through, not the messages.
        var wanted = JsonSerializer.Serialize(ids.Select(id => (string[])[Text(id.Session.Value), Text(id.Id.Value)]));
        return Messages.FromSql(
            $"""
            SELECT m.* FROM json_each({wanted}) AS wanted CROSS JOIN messages m
            WHERE m.owner_id = {ownerId.Value}
              AND m.session_id = json_extract(wanted.value, '$[0]') AND m.id = json_extract(wanted.value, '$[1]')
            """);

        static string Text(Guid id) => id.ToString().ToUpperInvariant();
    }

    internal override IQueryable<AuthorizedUser> LockedUser(EmailAddress email) => AuthorizedUsers.Where(user => user.Email == email);

    // There is one writer at a time.
    internal override Task LockUsers(CancellationToken cancellationToken) => Task.CompletedTask;

    internal override async Task<bool?> InsertKey(IdempotencyRecord row, DateTimeOffset expired, CancellationToken cancellationToken)
    {
        // There is one writer at a time: whoever holds the key is over, or this transaction would not have begun.
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

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<Microseconds>();
    }

    // SQLite has no type for an instant: microseconds since the Unix epoch compare and sort as they should.
    private sealed class Microseconds() : ValueConverter<DateTimeOffset, long>(
        instant => Of(instant),
        stored => new DateTimeOffset((stored * TimeSpan.TicksPerMicrosecond) + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero))
    {
        internal static long Of(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    }
}
