using System.CommandLine;
using Orion.Application.Users;
using Orion.Cli.Backup;
using Orion.Cli.Execution;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Database;

/// <summary><c>orion migrate</c>.</summary>
internal static class MigrateCommand
{
    internal static Command Build(Terminal terminal)
    {
        var check = new Option<bool>("--check")
        {
            Description = "Change nothing, and list the pending migrations; exit code 1 if there are any.",
        };
        var script = new Option<bool>("--script")
        {
            Description = "Change nothing, and print the SQL of the pending migrations, to apply it manually.",
        };
        var command = new Command("migrate", """
            Bring the database to this version, as a start of the service does unless MIGRATE_ON_START is false. With MIGRATION_DATABASE_URL
            it does so as that role, and grants the required rights to the service's role. Then it adds the configured owner to the
            allow-list. It can be repeated, and it can run while instances of the service run. If migrations are pending and BACKUP_DIR is
            set, a SQLite database is backed up first, as by orion backup; if that fails, nothing is migrated.
            """) { check, script };
        command.Validators.Add(result =>
        {
            if (result.GetValue(check) && result.GetValue(script)) result.AddError("--check and --script cannot be combined.");
        });
        return command.WithAction(terminal, async (parsed, cancellationToken) =>
        {
            await using var host = OrionHost.Build(terminal, createsFiles: !parsed.GetValue(check) && !parsed.GetValue(script));
            try
            {
                await host.RequireSameDatabase(terminal, cancellationToken);
                if (parsed.GetValue(script)) return await Script(host, terminal, cancellationToken);
                return parsed.GetValue(check)
                    ? await Check(host, terminal, cancellationToken)
                    : await Migrate(host, terminal, cancellationToken);
            }
            catch (Exception exception) when (host.IsTransientError(exception))
            {
                throw host.NotUsable(exception);
            }
        });
    }

    private static async Task<int> Check(OrionHost host, Terminal terminal, CancellationToken cancellationToken)
    {
        var pending = await host.Migrator.Pending(cancellationToken);
        terminal.Report(new { database = host.Settings.Database.Address, migrated = pending.Count == 0, pending }, output =>
        {
            foreach (var migration in pending) output.WriteLine(migration);
            output.WriteLine(pending.Count == 0
                ? $"Nothing is pending in {host.Settings.Database.Address}."
                : $"{pending.Count} pending in {host.Settings.Database.Address}. Run: orion migrate");
        });
        return pending.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private static async Task<int> Script(OrionHost host, Terminal terminal, CancellationToken cancellationToken)
    {
        var sql = await host.Migrator.Script(cancellationToken);
        terminal.Report(new { sql }, output => output.Write(sql));
        if (sql.Length == 0) terminal.Advise($"orion: Nothing is pending in {host.Settings.Database.Address}.");
        return ExitCodes.Success;
    }

    private static async Task<int> Migrate(OrionHost host, Terminal terminal, CancellationToken cancellationToken)
    {
        var pending = await host.Migrator.Pending(cancellationToken);
        var backup = pending.Count > 0 ? await BackUp(host, cancellationToken) : null;
        await host.Migrator.Migrate(line => terminal.Advise($"orion: {line}"), cancellationToken);
        if (await host.TryOpen(cancellationToken) is { } failure) throw failure;
        await host.Dispatcher.Send(new SyncConfiguredOwner(host.Settings.Owner), cancellationToken);

        terminal.Report(new { database = host.Settings.Database.Address, migrated = true, applied = pending, backup }, output =>
        {
            if (backup is not null) output.WriteLine($"backup {backup}");
            foreach (var migration in pending) output.WriteLine($"applied {migration}");
            output.WriteLine(pending.Count == 0
                ? $"Nothing was pending in {host.Settings.Database.Address}."
                : $"{host.Settings.Database.Address} is migrated to this version.");
        });
        return ExitCodes.Success;
    }

    // PostgreSQL's operators have other means of backup; a SQLite file has none.
    private static async Task<string?> BackUp(OrionHost host, CancellationToken cancellationToken)
    {
        if (host.Settings is not { Database.Provider: DatabaseProvider.Sqlite, BackupFolder: { } folder }) return null;
        try
        {
            return (await host.Backups.Create(Path.GetFullPath(folder), BackupCommand.DefaultCount, BackupSource.Primary, cancellationToken)).File;
        }
        catch (NothingToBackUpException)
        {
            return null;
        }
        catch (BackupFailedException failed)
        {
            throw BackupCommand.Failed(failed);
        }
    }
}
