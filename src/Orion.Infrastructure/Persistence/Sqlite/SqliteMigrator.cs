using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>
/// Migrates SQLite. EF Core's lock there is a row that survives a killed process, and the next one would wait for it for ever:
/// a lock file, which the kernel lets go of, stands before it, and under that the row is nobody's.
/// </summary>
internal sealed class SqliteMigrator(DatabaseSettings settings, TimeProvider clock) : IMigrator
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken)
    {
        await using var context = await OpenToAsk(cancellationToken);
        return [.. await context.Database.GetPendingMigrationsAsync(cancellationToken)];
    }

    public async Task<string> Script(CancellationToken cancellationToken)
    {
        await using var context = await OpenToAsk(cancellationToken);
        return await PendingScript.Of(context, cancellationToken);
    }

    public Task<DatabaseComparison?> Compare(CancellationToken cancellationToken) => Task.FromResult<DatabaseComparison?>(null);

    public async Task Migrate(Action<string> tell, CancellationToken cancellationToken)
    {
        await using var alone = await Lock(new MigrationWait(tell, clock), cancellationToken);
        await using var context = Open();
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL; DROP TABLE IF EXISTS \"__EFMigrationsLock\";", cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
    }

    // EF Core takes a file that cannot be opened for one that is not there, and would say that everything is pending.
    private async Task<SqliteDbContext> OpenToAsk(CancellationToken cancellationToken)
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

    private SqliteDbContext Open()
    {
        var unpooled = new SqliteConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString;
        return new(new DbContextOptionsBuilder<SqliteDbContext>().UseOrionSqlite(unpooled).Options);
    }

    private async Task<FileStream> Lock(MigrationWait wait, CancellationToken cancellationToken)
    {
        var path = new SqliteConnectionStringBuilder(settings.ConnectionString).DataSource + ".migration-lock";
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        while (true)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (File.Exists(path))
            {
                await wait.Pause("Another process migrates this database.", Pause, cancellationToken);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new DatabaseNotWritableException(
                    $"{path} cannot be written: {refused.Message.TrimEnd('.')}", "Let the account that Orion runs as write the folder, and make room on the disk.", refused);
            }
        }
    }
}
