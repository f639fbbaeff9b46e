using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>Orion's tables. What differs between the database systems is in the class of each.</summary>
internal abstract class OrionDbContext(DbContextOptions options) : DbContext(options)
{
    internal DbSet<AuthorizedUser> AuthorizedUsers => Set<AuthorizedUser>();

    internal DbSet<Session> Sessions => Set<Session>();

    internal DbSet<Message> Messages => Set<Message>();

    internal DbSet<IdempotencyRecord> IdempotencyRecords => Set<IdempotencyRecord>();

    /// <summary>
    /// Whose token the statements of SaveChanges check, so that they fail where it does not count any more; null where they check none.
    /// </summary>
    internal Caller? CheckedCaller { get; set; }

    /// <summary>Whether SaveChanges can check a token: needed where others may write while this transaction does.</summary>
    internal abstract bool ChecksCallerWithWrites { get; }

    /// <summary>Whether SaveChanges failed because <see cref="CheckedCaller"/>'s token does not count any more.</summary>
    internal abstract bool IsCallerRefused(DbUpdateException exception);

    /// <summary>Begins to write, so that what is read from now on is still true when it is saved. Where that is done already, does nothing.</summary>
    internal abstract Task EnsureTransaction(CancellationToken cancellationToken);

    /// <summary>The session's row, locked until the transaction ends.</summary>
    internal abstract IQueryable<Session> LockedSession(UserId ownerId, SessionId id);

    /// <summary>The sessions' rows, locked until the transaction ends, in one order for all who lock more than one.</summary>
    internal abstract IQueryable<Session> LockedSessions(UserId ownerId, IReadOnlyList<SessionId> ids);

    /// <summary>Those of these messages that there are, each by a step of the index: two lists of ids would be all their pairs.</summary>
    internal abstract IQueryable<Message> MessagesOf(UserId ownerId, IReadOnlyList<(SessionId Session, MessageId Id)> ids);

    /// <summary>The user's row, locked until the transaction ends.</summary>
    internal abstract IQueryable<AuthorizedUser> LockedUser(EmailAddress email);

    /// <summary>Keeps others from changing the allow-list until the transaction ends; reading it goes on.</summary>
    internal abstract Task LockUsers(CancellationToken cancellationToken);

    /// <summary>
    /// Writes the row of an idempotency key that nobody has, or whose answer is older than <paramref name="expired"/>, in the
    /// transaction under way. Another transaction with the same key is waited for, up to 2 s.
    /// </summary>
    /// <returns>Whether the row was written; null where the other transaction is still running.</returns>
    internal abstract Task<bool?> InsertKey(IdempotencyRecord row, DateTimeOffset expired, CancellationToken cancellationToken);

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(OrionDbContext).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => ValueConverters.Configure(configurationBuilder);
}
