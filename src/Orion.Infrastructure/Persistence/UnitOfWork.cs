using Microsoft.EntityFrameworkCore;
using Orion.Application.Pipeline;
using Orion.Domain.Users;
using Orion.Infrastructure.Persistence.Sqlite;
using Orion.Infrastructure.Persistence.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// One command's transaction. On PostgreSQL it begins with the first lock, so that a command of one statement needs none of its
/// own; on SQLite before the first read, when the process's other writers are done.
/// </summary>
internal sealed class UnitOfWork(OrionDbContext context, CachedAuthorizations authorizations, SqliteWriters? sqliteWriters = null) : IUnitOfWork
{
    public async Task<IChanges> Begin(CancellationToken cancellationToken)
    {
        // A command is saved once: there is nothing to come back to half-way.
        context.Database.AutoSavepointsEnabled = false;
        if (sqliteWriters is null) return new Changes(context, authorizations, turn: null);

        var turn = await sqliteWriters.Wait(cancellationToken);
        try
        {
            await context.BeginToChange(cancellationToken);
            return new Changes(context, authorizations, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private sealed class Changes(OrionDbContext context, CachedAuthorizations authorizations, IDisposable? turn) : IChanges
    {
        public async Task Save(CancellationToken cancellationToken)
        {
            var users = context.ChangeTracker.Entries<AuthorizedUser>()
                .Where(entry => entry.State != EntityState.Unchanged)
                .Select(entry => entry.Entity.Email)
                .ToArray();
            try
            {
                await context.SaveChangesAsync(cancellationToken);
                if (context.Database.CurrentTransaction is { } transaction) await transaction.CommitAsync(cancellationToken);
            }
            finally
            {
                // Also where the commit failed half-way: then nobody here knows what counts.
                foreach (var email in users) authorizations.Forget(email);
            }
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
    }
}
