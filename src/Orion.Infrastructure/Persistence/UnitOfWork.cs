using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Users;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// One command's transaction. On PostgreSQL it begins with the first lock, so that a command of one statement needs none of its
/// own; on SQLite before the first read, when the process's other writers are done.
/// </summary>
internal sealed class UnitOfWork(
    OrionDbContext context, CommittedChanges committed, IAccessCheck access, SqliteWriteLock? sqliteWriters = null) : IUnitOfWork
{
    public async Task<ITransaction> Begin(Caller? caller, CancellationToken cancellationToken)
    {
        // A command is saved once: there is nothing to come back to half-way, and what it changed is looked for then.
        context.Database.AutoSavepointsEnabled = false;
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        if (sqliteWriters is null) return new Changes(context, committed, access, caller, turn: null);

        var turn = await sqliteWriters.Wait(cancellationToken);
        try
        {
            await context.EnsureTransaction(cancellationToken);
            return new Changes(context, committed, access, caller, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private sealed class Changes(OrionDbContext context, CommittedChanges committed, IAccessCheck access, Caller? caller, IDisposable? turn) : ITransaction
    {
        public async Task<Error?> Save(CancellationToken cancellationToken)
        {
            context.ChangeTracker.DetectChanges();
            var isCheckedWithWrites = IsCheckedWithWrites;
            if (!isCheckedWithWrites && await FindRejection(cancellationToken) is { } revoked) return revoked;

            context.CheckedCaller = isCheckedWithWrites ? caller : null;
            var changes = committed.Note(context.ChangeTracker);
            try
            {
                await context.SaveChangesAsync(cancellationToken);
                if (context.Database.CurrentTransaction is { } transaction) await transaction.CommitAsync(cancellationToken);
            }
            catch (DbUpdateException exception) when (context.IsCallerRefused(exception))
            {
                return await Discard(cancellationToken) ?? UserErrors.TokenRevoked;
            }
            finally
            {
                context.CheckedCaller = null;
                changes.Forget();
            }

            changes.Tell();
            return null;
        }

        public async Task<Error?> Discard(CancellationToken cancellationToken)
        {
            // First, because a transaction in which a statement has failed answers nothing more.
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
                turn?.Dispose();
            }
        }

        // Not where nothing is written (a repeat, a change that changes nothing), nor where the command holds the user's row itself:
        // nobody else changes it then, and behind the write it would show what the command has made of it.
        private bool IsCheckedWithWrites =>
            context.ChecksCallerWithWrites && context.ChangeTracker.HasChanges() && !context.ChangeTracker.Entries<AuthorizedUser>().Any();

        private async Task<Error?> FindRejection(CancellationToken cancellationToken) =>
            caller is null ? null : await access.FindRejection(caller, cancellationToken);
    }
}
