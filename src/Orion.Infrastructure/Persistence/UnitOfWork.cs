using Microsoft.EntityFrameworkCore.Storage;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Users;
using Orion.Infrastructure.Persistence.Postgres;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// The transaction of one command. On PostgreSQL it begins with the first lock or the claim of an idempotency key, so that a command with a
/// single batch needs no explicit transaction; <see cref="PostgresSessionWrites"/> and EF Core write its rows. On SQLite it begins before
/// the first read, once the process's other writers have finished, and EF Core writes all rows.
/// </summary>
internal sealed class UnitOfWork(
    Lazy<OrionDbContext> context,
    CommittedChanges committed,
    IAccessCheck access,
    PostgresSessionWrites? postgresWrites = null,
    SqliteSessionWrites? sqliteWrites = null,
    SqliteWriteLock? sqliteLock = null)
    : IUnitOfWork
{
    public async Task<ITransaction> Begin(Caller? caller, CancellationToken cancellationToken)
    {
        if (sqliteLock is null) return new Transaction(context, committed, access, caller, postgresWrites, sqliteWrites, writeLock: null);

        var writeLock = await sqliteLock.Acquire(cancellationToken);
        try
        {
            await context.Value.EnsureTransaction(cancellationToken);
            return new Transaction(context, committed, access, caller, postgresWrites, sqliteWrites, writeLock);
        }
        catch
        {
            writeLock.Dispose();
            throw;
        }
    }

    private sealed class Transaction(
        Lazy<OrionDbContext> context,
        CommittedChanges committed,
        IAccessCheck access,
        Caller? caller,
        PostgresSessionWrites? writes,
        SqliteSessionWrites? sqliteWrites,
        IDisposable? writeLock)
        : ITransaction
    {
        public async Task<Error?> Save(CancellationToken cancellationToken)
        {
            var tracked = DetectTracked();
            var written = writes?.Changes() ?? [];
            IReadOnlyList<RowChange> changes = tracked.Count == 0 ? written : [.. written, .. tracked];
            var checkedWithWrites = ChecksWithWrites(changes) ? caller : null;
            if (checkedWithWrites is null && await FindRejection(cancellationToken) is { } denied) return denied;

            try
            {
                await Write(written, tracked, checkedWithWrites, cancellationToken);
            }
            catch (Exception exception) when (CallerCheck.IsDenied(exception))
            {
                return await Discard(cancellationToken) ?? UserErrors.TokenRevoked;
            }
            finally
            {
                committed.Invalidate(changes);
            }

            committed.Audit(changes);
            if (sqliteWrites?.Fork is not null)
            {
                // Analyzing the copies takes seconds, and other writers do not wait for it.
                writeLock?.Dispose();
                await sqliteWrites.IndexFork();
            }

            return null;
        }

        public async Task<Error?> Discard(CancellationToken cancellationToken)
        {
            // Rolled back first, because a transaction with a failed statement rejects every further one.
            if (CurrentTransaction is { } transaction) await transaction.DisposeAsync();
            return await FindRejection(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                if (CurrentTransaction is { } transaction) await transaction.DisposeAsync();
            }
            finally
            {
                writeLock?.Dispose();
            }
        }

        private IDbContextTransaction? CurrentTransaction => context.IsValueCreated ? context.Value.Database.CurrentTransaction : null;

        private List<RowChange> DetectTracked()
        {
            if (!context.IsValueCreated) return [];
            context.Value.ChangeTracker.DetectChanges();
            return [.. RowChange.Of(context.Value.ChangeTracker)];
        }

        // EF Core's rows may refer to rows of the batch, so they are written after it, with the check and the commit.
        private async Task Write(
            IReadOnlyList<RowChange> written, List<RowChange> tracked, Caller? checkedCaller, CancellationToken cancellationToken)
        {
            var hasTracked = tracked.Count > 0;
            if (written.Count > 0)
            {
                if (hasTracked) await context.Value.EnsureTransaction(cancellationToken);
                await writes!.Send(written, hasTracked ? null : checkedCaller, commits: !hasTracked, cancellationToken);
                if (!hasTracked) return;
            }

            if (hasTracked)
            {
                context.Value.CheckedCaller = checkedCaller;
                try
                {
                    if (writes is null) SqliteSearchRow.MarkIndexed(context.Value, sqliteWrites?.Fork);
                    await context.Value.SaveChangesAsync(cancellationToken);
                    if (writes is null) await context.Value.WriteSearchTexts(SearchText.Of(tracked), cancellationToken);
                }
                finally
                {
                    context.Value.CheckedCaller = null;
                }
            }

            if (CurrentTransaction is { } transaction) await transaction.CommitAsync(cancellationToken);
        }

        // False on SQLite: with one writer at a time, what a transaction has read is still valid when it writes. False if nothing is written
        // (a replay, or a change without effect). False if the command has locked the user's row: others cannot change the row then, and the
        // check would see the command's own changes.
        private bool ChecksWithWrites(IReadOnlyList<RowChange> changes) =>
            writes is not null && changes.Count > 0 && !(context.IsValueCreated && context.Value.ChangeTracker.Entries<AuthorizedUser>().Any());

        private async Task<Error?> FindRejection(CancellationToken cancellationToken) =>
            caller is null ? null : await access.FindRejection(caller, cancellationToken);
    }
}
