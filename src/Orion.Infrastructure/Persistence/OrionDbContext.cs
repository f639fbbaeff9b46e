using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Retention;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>Orion's tables. Each database system has a subclass for the differences.</summary>
internal abstract class OrionDbContext : DbContext
{
    protected OrionDbContext(DbContextOptions options)
        : base(options)
    {
        // A command saves once, so it needs no savepoints, and the unit of work detects its changes then.
        Database.AutoSavepointsEnabled = false;
        ChangeTracker.AutoDetectChangesEnabled = false;
    }

    internal DbSet<AuthorizedUser> AuthorizedUsers => Set<AuthorizedUser>();

    internal DbSet<Session> Sessions => Set<Session>();

    internal DbSet<Message> Messages => Set<Message>();

    internal DbSet<IdempotencyRecord> IdempotencyRecords => Set<IdempotencyRecord>();

    internal DbSet<Reply> Replies => Set<Reply>();

    internal DbSet<ReplyFrameBatch> ReplyFrames => Set<ReplyFrameBatch>();

    internal DbSet<SearchDocument> SearchDocuments => Set<SearchDocument>();

    /// <summary>
    /// The caller whose token the statements of SaveChanges check, so that they fail if it is no longer valid; null for no check.
    /// </summary>
    internal Caller? CheckedCaller { get; set; }

    /// <summary>
    /// Begins the transaction, so that data read from now on is still valid when the changes are saved. Does nothing if it has already
    /// begun.
    /// </summary>
    internal abstract Task EnsureTransaction(CancellationToken cancellationToken);

    /// <summary>
    /// Those of the given messages that exist. Each needs one index lookup; two separate lists of IDs would match all combinations.
    /// </summary>
    internal abstract IQueryable<Message> MessagesOf(UserId ownerId, IReadOnlyList<(SessionId Session, MessageId Id)> ids);

    /// <summary>The owner's sessions that expire at this time or earlier, locked until the transaction ends. Locked ones are left out.</summary>
    internal abstract IQueryable<Session> LockedExpired(UserId ownerId, DateTimeOffset now, int limit);

    /// <summary>
    /// The owner's other sessions that have not changed since the cutoff, either those that are archived or those that are not. They are
    /// locked until the transaction ends; locked ones are left out.
    /// </summary>
    internal abstract IQueryable<Session> LockedUnchanged(UserId ownerId, bool archived, RetentionCutoff cutoff, int limit);

    /// <summary>
    /// For each of the given texts that exists, its message; for a title, which has the sequence 0, the first message of the user. Each needs
    /// one index lookup.
    /// </summary>
    internal abstract IQueryable<Message> MessagesFrom(UserId ownerId, IReadOnlyList<(SessionId Session, int Sequence)> texts);

    /// <summary>The user's row, locked until the transaction ends.</summary>
    internal abstract IQueryable<AuthorizedUser> LockedUser(EmailAddress email);

    /// <summary>The reply's row, locked until the transaction ends. Its session is locked already.</summary>
    internal abstract IQueryable<Reply> LockedReply(UserId ownerId, SessionId session, ReplyId id);

    /// <summary>
    /// Some of the sessions that are not in the search index completely, locked until the transaction ends. Those that others hold are left
    /// out, and so are the excluded ones.
    /// </summary>
    internal abstract IQueryable<Session> LockSessionsToIndex(IReadOnlyCollection<SessionId> excluded, int limit);

    /// <summary>Writes texts into the search index, in the transaction of the context.</summary>
    internal abstract Task WriteSearchTexts(IReadOnlyList<SearchText> texts, CancellationToken cancellationToken);

    /// <summary>Removes what the search index keeps of deleted texts.</summary>
    internal virtual Task RemoveDeletedTokens(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Tells all processes, when the transaction is committed, that there are new frames of replies.</summary>
    internal abstract Task NotifyReaders(CancellationToken cancellationToken);

    /// <summary>Prevents other transactions from changing the allow-list until this one ends. They can still read it.</summary>
    internal abstract Task LockUsers(CancellationToken cancellationToken);

    /// <summary>
    /// Writes the row of an idempotency key, if no row has the key or the existing one is older than <paramref name="expired"/>. Waits up
    /// to 2 s for another transaction with the same key.
    /// </summary>
    /// <returns>Whether the row was written; null if the other transaction is still running.</returns>
    internal abstract Task<bool?> InsertKey(IdempotencyRecord row, DateTimeOffset expired, CancellationToken cancellationToken);

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(OrionDbContext).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => ValueConverters.Configure(configurationBuilder);
}
