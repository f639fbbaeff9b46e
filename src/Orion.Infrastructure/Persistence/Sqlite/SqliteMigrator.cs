using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.FileSystem;
using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>
/// Migrates SQLite. EF Core's migration lock on SQLite is a row. The row remains if the process is killed, and the next process would wait
/// for it forever. Orion therefore acquires a lock file first. While it holds the file, an existing row is stale.
/// </summary>
internal sealed class SqliteMigrator(DatabaseSettings settings, TimeProvider clock) : IMigrator
{
    /// <summary>Write-ahead logging, a property of the file.</summary>
    internal const string WalMode = "PRAGMA journal_mode = WAL";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken)
    {
        await using var context = await OpenToRead(cancellationToken);
        return [.. await context.Database.GetPendingMigrationsAsync(cancellationToken)];
    }

    public async Task<string> Script(CancellationToken cancellationToken)
    {
        await using var context = await OpenToRead(cancellationToken);
        return await PendingScript.Of(context, cancellationToken);
    }

    public Task<DatabaseComparison?> Compare(CancellationToken cancellationToken) => Task.FromResult<DatabaseComparison?>(null);

    public async Task Migrate(Action<string> report, CancellationToken cancellationToken)
    {
        await using var migrationLock = await Lock(new MigrationWait(report, clock), cancellationToken);
        await using var context = Open();
        await context.Database.ExecuteSqlRawAsync(WalMode + "; DROP TABLE IF EXISTS \"__EFMigrationsLock\";", cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
    }

    // EF Core treats a file that cannot be opened as one that does not exist, and would report every migration as pending.
    private async Task<SqliteDbContext> OpenToRead(CancellationToken cancellationToken)
    {
        var context = Open();
        if (settings.IsMissing) return context;
        try
        {
            await context.Database.OpenConnectionAsync(cancellationToken);
            return context;
        }
        catch
        {
            await context.DisposeAsync();
            throw;
        }
    }

    private SqliteDbContext Open() => new(new DbContextOptionsBuilder<SqliteDbContext>().UseOrionSqlite(settings.Unpooled()).Options);

    private async Task<FileStream> Lock(MigrationWait wait, CancellationToken cancellationToken)
    {
        var path = new SqliteConnectionStringBuilder(settings.ConnectionString).DataSource + ".migration-lock";
        try
        {
            while (true)
            {
                if (LockFile.TryAcquire(path) is { } migrationLock) return migrationLock;
                await wait.Pause("Another process is migrating this database.", Pause, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseNotWritableException(
                $"{path} cannot be written: {exception.Message.TrimEnd('.')}",
                "Give the account that Orion runs as write access to the folder, and make sure that the disk has free space.",
                exception);
        }
    }
}
