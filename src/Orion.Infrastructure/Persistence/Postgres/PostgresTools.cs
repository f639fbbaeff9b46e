using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Orion.Infrastructure.Backups;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>PostgreSQL's own programs for backup and restore, from one installation.</summary>
/// <param name="Folder">The folder of the programs.</param>
/// <param name="Version">Their version, as they report it.</param>
internal sealed partial record PostgresTools(string Folder, Version Version)
{
    private const string Dump = "pg_dump";
    private const string Restore = "pg_restore";
    private const int SignalBase = 128;

    /// <summary>The folders to search: those of Debian's and Red Hat's packages for each version, and the PATH.</summary>
    internal static IEnumerable<string> UsualFolders =>
    [
        .. Below("/usr/lib/postgresql", "*"), .. Below("/usr", "pgsql-*"),
        .. Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [],
    ];

    /// <summary>Finds the newest ones; null if there are none.</summary>
    internal static async Task<PostgresTools?> Find(IEnumerable<string> folders, CancellationToken cancellationToken)
    {
        PostgresTools? newest = null;
        foreach (var folder in folders.Where(folder => File.Exists(Path.Combine(folder, Dump)) && File.Exists(Path.Combine(folder, Restore))))
        {
            var tools = new PostgresTools(folder, new Version());
            var (exitCode, output, _) = await tools.Run(Dump, ["--version"], new Dictionary<string, string?>(), cancellationToken);
            if (exitCode != 0 || Number().Match(output) is not { Success: true } number || !Version.TryParse(number.Value, out var version)) continue;
            if (newest is null || version > newest.Version) newest = tools with { Version = version };
        }

        return newest;
    }

    /// <summary>Runs <c>pg_dump</c>.</summary>
    /// <exception cref="BackupFailedException">It failed.</exception>
    internal Task RunDump(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken) =>
        RunOrThrow(Dump, arguments, environment, cancellationToken);

    /// <summary>Runs <c>pg_restore</c>.</summary>
    /// <exception cref="BackupFailedException">It failed.</exception>
    internal Task RunRestore(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken) =>
        RunOrThrow(Restore, arguments, environment, cancellationToken);

    /// <summary>
    /// Counts the rows of each table in a backup. <c>pg_restore</c> decompresses and prints the whole file, so that a damaged file is
    /// detected, too.
    /// </summary>
    /// <exception cref="BackupFailedException">The file cannot be read.</exception>
    internal async Task<Dictionary<string, long>> CountRows(string file, CancellationToken cancellationToken)
    {
        var (exitCode, rows, error) = await Run(Restore, ["--file=-", file], new Dictionary<string, string?>(), DumpedRows.Count, cancellationToken);
        return exitCode == 0 ? rows : throw new BackupFailedException(ReasonOf(Restore, exitCode, error));
    }

    /// <summary>Why a program failed: its error message, or how it ended if it printed none.</summary>
    internal static string ReasonOf(string program, int exitCode, string error)
    {
        if (ReasonIn(error) is { Length: > 0 } reason) return $"{program} failed. {reason}";
        // .NET reports a signal as a shell does.
        return exitCode switch
        {
            SignalBase + 9 => $"{program} was killed (signal 9). The machine or the container may have run out of memory: see the kernel's log.",
            > SignalBase => $"{program} was ended by signal {exitCode - SignalBase}.",
            _ => $"{program} failed with exit code {exitCode} and no error message.",
        };
    }

    /// <summary>
    /// The first error of a program, without the text that it quotes after a colon and without the lines that follow. Those may contain
    /// data of a row.
    /// </summary>
    internal static string ReasonIn(string error)
    {
        var line = error.Split('\n').FirstOrDefault(line => line.Contains("error: ", StringComparison.Ordinal)) ?? error.Split('\n')[0];
        return Quoted().Replace(line.Trim(), "");
    }

    private async Task RunOrThrow(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken)
    {
        var (exitCode, _, error) = await Run(program, arguments, environment, cancellationToken);
        if (exitCode != 0) throw new BackupFailedException(ReasonOf(program, exitCode, error));
    }

    private Task<(int ExitCode, string Output, string Error)> Run(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken) =>
        Run(program, arguments, environment, (reader, cancelled) => reader.ReadToEndAsync(cancelled), cancellationToken);

    private async Task<(int ExitCode, T Output, string Error)> Run<T>(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment,
        Func<TextReader, CancellationToken, Task<T>> readOutput, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(Folder, program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Start(start);
        process.StandardInput.Close();
        try
        {
            var output = readOutput(process.StandardOutput, cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new BackupFailedException($"{start.FileName} cannot be run: {exception.Message}", exception);
        }
    }

    private static IEnumerable<string> Below(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern).Select(found => Path.Combine(found, "bin")) : [];

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Number();

    [GeneratedRegex(": \".*")]
    private static partial Regex Quoted();
}
