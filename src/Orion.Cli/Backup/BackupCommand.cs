using System.CommandLine;
using System.Globalization;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Infrastructure.Backups;

namespace Orion.Cli.Backup;

/// <summary><c>orion backup</c>.</summary>
internal static class BackupCommand
{
    /// <summary>The default number of backups to keep.</summary>
    internal const int DefaultCount = 7;


    // Long enough for a path; messages of other programs may be longer.
    private const int MaxReasonLength = 500;

    internal static Command Build(Terminal terminal)
    {
        var folder = new Argument<string?>("FOLDER")
        {
            Description = "The folder of the backups, readable only by this account (0700); created if it is missing. By default BACKUP_DIR.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var keep = Options.Count("--keep", DefaultCount, "How many of the newest backups to keep. Older backups are deleted; other files are not.");
        var standby = new Option<bool>("--standby")
        {
            Description = "Read from a standby of the cluster in DATABASE_URL, to keep the load from the primary.",
        };
        var maxLag = new Option<int>("--max-lag")
        {
            Description = "How many seconds a standby may be behind its primary; 0 for any number. Otherwise no backup is made.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => (int)BackupSource.DefaultMaxLag.TotalSeconds,
        };
        maxLag.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var seconds) && seconds < 0)
                result.AddError("--max-lag must be at least 0.");
        });
        return new Command("backup", """
            Make a backup and verify it: it is restored into a scratch database, and the rows of every table are counted in both. Only then
            does it get its name, and old backups are deleted. The service may run meanwhile; the backup is a consistent snapshot.

              SQLite       orion-20260102T030405Z.db     the database file; copy it to restore
              PostgreSQL   orion-20260102T030405Z.dump   pg_dump's custom format, for pg_restore

            PostgreSQL requires pg_dump and pg_restore of the server's version or newer. The scratch database is on the same server: the
            role of MIGRATION_DATABASE_URL, else that of DATABASE_URL, needs CREATEDB. With --standby, the scratch database is on the primary.
            If no server can be written, the rows in the file are counted instead. How to restore: docs/operations.md.

            Exit codes: 0 the new backup was verified successfully; 1 no backup was made, and the message says why; 69 the database
            became unavailable; 74 an error of the folder or the disk; 130 interrupted. A failure leaves no new file, and keeps the
            existing backups.
            """) { folder, keep, standby, maxLag }.WithAction(terminal, async (parsed, cancellationToken) =>
        {
            await using var host = OrionHost.Build(terminal);
            var where = parsed.GetValue(folder) ?? host.Settings.BackupFolder
                ?? throw new CommandFailedException("Give the FOLDER of the backups, or set BACKUP_DIR.", ExitCodes.Usage);
            try
            {
                await host.RequireSameDatabase(terminal, cancellationToken);
                if (host.Settings.Database.IsMissing) throw new NothingToBackUpException();
                var source = new BackupSource(
                    parsed.GetValue(standby), parsed.GetValue(maxLag) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null);
                var made = await host.Backups.Create(Path.GetFullPath(where), parsed.GetValue(keep), source, cancellationToken);
                Report(terminal, host.Settings.Database.Address, made);
                return ExitCodes.Success;
            }
            catch (BackupFailedException failed)
            {
                throw Failed(failed);
            }
            catch (Exception exception) when (exception is not IOException && host.IsTransientError(exception))
            {
                throw host.NotUsable(exception, host.Settings.Database.MigrationAddress);
            }
        });
    }

    /// <summary>The failure of a command whose backup was not made.</summary>
    internal static CommandFailedException Failed(BackupFailedException failed) =>
        new($"No backup was made. {Printable.Of(failed.Message, MaxReasonLength)}");

    private static void Report(Terminal terminal, string database, BackupResult made)
    {
        var (users, sessions, messages) = (made.RowsOf("authorized_users"), made.RowsOf("sessions"), made.RowsOf("messages"));
        var seconds = Math.Round(made.Duration.TotalSeconds, 1);
        var size = Measured.Mebibytes(made.Bytes);
        var took = seconds.ToString("0.0", CultureInfo.InvariantCulture);
        terminal.Report(
            new
            {
                database,
                made.File,
                made.Bytes,
                users,
                sessions,
                messages,
                tables = made.Rows,
                seconds,
                made.Kept,
                made.Deleted,
                made.Ahead,
                made.Standby,
                restored = made.IsRestored,
            },
            output => output.WriteLine(
                $"{made.File}: {size} of {database}{(made.Standby is { } standby ? $" from the standby {standby}" : "")}, {Counted.Of(users, "user")}, "
                + $"{Counted.Of(sessions, "session")}, {Counted.Of(messages, "message")}, {(made.IsRestored ? "restored" : "read")} and counted in {took} s; "
                + $"{made.Kept} kept, {made.Deleted.Count} deleted"));
        if (!made.IsRestored)
            terminal.Advise("orion: The backup was not restored to verify it, because no server can be written. Its file is complete, and has all rows.");
        if (made.Ahead.Count == 0) return;
        terminal.Advise(
            $"orion: {made.Ahead.Count} backups in the folder have a later date than this one, up to {made.Ahead[0]}: a clock was ahead, or this "
            + "one is slow. They are not counted and never deleted. Check the clock (date -u), then rename or delete them manually.");
    }
}
