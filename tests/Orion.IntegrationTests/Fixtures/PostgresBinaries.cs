using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>PostgreSQL's server programs on this machine.</summary>
/// <param name="Folder">The folder of initdb, pg_ctl and postgres.</param>
/// <param name="Version">Their version.</param>
internal sealed partial record PostgresBinaries(string Folder, Version Version)
{
    private static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];

    /// <summary>Finds the newest programs; null if there are none.</summary>
    public static PostgresBinaries? Find() =>
        Candidates()
            .Where(HasPrograms)
            .Select(Resolve)
            // A symbolic link stays when its target was removed.
            .Where(HasPrograms)
            .Distinct(StringComparer.Ordinal)
            .Select(folder => new PostgresBinaries(folder, VersionIn(folder)))
            .OrderByDescending(found => found.Version)
            .FirstOrDefault();

    private static IEnumerable<string> Candidates()
    {
        var path = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];
        return [.. path, .. Below("/usr/lib/postgresql", "*"), .. Below("/usr", "pgsql-*"), "/usr/local/bin", "/usr/local/pgsql/bin",
            .. Below("/opt/homebrew/opt", "postgresql*"), .. Below("/usr/local/opt", "postgresql*")];
    }

    private static bool HasPrograms(string folder) => Programs.All(program => File.Exists(Path.Combine(folder, program)));

    private static IEnumerable<string> Below(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern).Select(found => Path.Combine(found, "bin")) : [];

    // The programs find their share folder relative to their real path.
    private static string Resolve(string folder) =>
        Path.GetDirectoryName(File.ResolveLinkTarget(Path.Combine(folder, "postgres"), returnFinalTarget: true)?.FullName) ?? folder;

    private static Version VersionIn(string folder)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "postgres"), "--version") { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var number = Number().Match(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        return number.Success ? new Version(int.Parse(number.Groups[1].ValueSpan, null), int.Parse(number.Groups[2].ValueSpan, null)) : new Version();
    }

    [GeneratedRegex(@"(\d+)\.?(\d+)")]
    private static partial Regex Number();
}
