using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Users;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// The transaction of one command. On PostgreSQL it begins with the first lock, so that a command with a single statement needs no
/// explicit transaction. On SQLite it begins before the first read, once the process's other writers have finished.
/// </summary>
internal sealed class UnitOfWork(
    OrionDbContext context, CommittedChanges committed, IAccessCheck access, SqliteWriteLock? sqliteWrites = null) : IUnitOfWork
{
    public async Task<ITransaction> Begin(Caller? caller, CancellationToken cancellationToken)
    {
        // A command saves once, so it needs no savepoints, and its changes are detected then.
        context.Database.AutoSavepointsEnabled = false;
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        if (sqliteWrites is null) return new Transaction(context, committed, access, caller, writeLock: null);

        var writeLock = await sqliteWrites.Acquire(cancellationToken);
        try
        {
            await context.EnsureTransaction(cancellationToken);
            return new Transaction(context, committed, access, caller, writeLock);
        }
        catch
        {
            writeLock.Dispose();
            throw;
        }
    }

    private sealed class Transaction(
        OrionDbContext context, CommittedChanges committed, IAccessCheck access, Caller? caller, IDisposable? writeLock) : ITransaction
    {
        public async Task<Error?> Save(CancellationToken cancellationToken)
        {
            context.ChangeTracker.DetectChanges();
            var checksWithWrites = ChecksWithWrites;
            if (!checksWithWrites && await FindRejection(cancellationToken) is { } denied) return denied;

            context.CheckedCaller = checksWithWrites ? caller : null;
            var changes = committed.Collect(context.ChangeTracker);
            try
            {
                await context.SaveChangesAsync(cancellationToken);
                if (context.Database.CurrentTransaction is { } transaction) await transaction.CommitAsync(cancellationToken);
            }
            catch (DbUpdateException exception) when (context.IsAccessDenied(exception))
            {
                return await Discard(cancellationToken) ?? UserErrors.TokenRevoked;
            }
            finally
            {
                context.CheckedCaller = null;
                changes.Invalidate();
            }

            changes.Audit();
            return null;
        }

        public async Task<Error?> Discard(CancellationToken cancellationToken)
        {
            // Rolled back first, because a transaction with a failed statement rejects every further one.
            if (context.Database.CurrentTransaction is { } transaction) await transaction.DisposeAsync();
            return await FindRejection(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                if (context.Database.CurrentTransaction is { } transaction) await transaction.DisposeAsync();
            }
            finally
            {
                writeLock?.Dispose();
            }
        }

        // False if nothing is written (a replay, or a change without effect). False if the command has locked the user's row: others cannot
        // change the row then, and the check would see the command's own changes.
        private bool ChecksWithWrites =>
            context.ChecksCallerWithWrites && context.ChangeTracker.HasChanges() && !context.ChangeTracker.Entries<AuthorizedUser>().Any();

        private async Task<Error?> FindRejection(CancellationToken cancellationToken) =>
            caller is null ? null : await access.FindRejection(caller, cancellationToken);
    }
}
