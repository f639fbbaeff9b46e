using Orion.Application.Pipeline;
using Orion.Infrastructure.Persistence.Auditing;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// One command's transaction. On PostgreSQL it begins with the first lock, so that a command of one statement needs none of its
/// own; on SQLite before the first read, when the process's other writers are done.
/// </summary>
internal sealed class UnitOfWork(OrionDbContext context, CommittedChanges committed, SqliteWriters? sqliteWriters = null) : IUnitOfWork
{
    public async Task<IChanges> Begin(CancellationToken cancellationToken)
    {
        // A command is saved once: there is nothing to come back to half-way, and what it changed is looked for then.
        context.Database.AutoSavepointsEnabled = false;
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        if (sqliteWriters is null) return new Changes(context, committed, turn: null);

        var turn = await sqliteWriters.Wait(cancellationToken);
        try
        {
            await context.BeginToChange(cancellationToken);
            return new Changes(context, committed, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private sealed class Changes(OrionDbContext context, CommittedChanges committed, IDisposable? turn) : IChanges
    {
        public async Task Save(CancellationToken cancellationToken)
        {
            context.ChangeTracker.DetectChanges();
            var changes = committed.Note(context.ChangeTracker);
            try
            {
                await context.SaveChangesAsync(cancellationToken);
                if (context.Database.CurrentTransaction is { } transaction) await transaction.CommitAsync(cancellationToken);
            }
            finally
            {
                changes.Forget();
            }

            changes.Tell();
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
