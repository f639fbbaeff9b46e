using System.Globalization;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.FileSystem;

namespace Orion.Cli.Doctor;

/// <summary>Checks files and the disk.</summary>
internal static class MachineChecks
{
    private const long Gibibyte = 1L << 30;
    private const long MinBytes = Gibibyte / 8;

    /// <summary>Only Orion's account may read files with secrets or data.</summary>
    internal static IEnumerable<DoctorResult> Evaluate(IReadOnlyList<PrivateFile> files)
    {
        var open = files.Where(file => file.IsOpenToOthers).ToList();
        if (open.Count == 0) yield return new DoctorResult("files", Health.Pass, files.Count == 0 ? "no private files" : $"{files.Count}, accessible only to this account");
        foreach (var file in open)
            yield return new DoctorResult("files", Health.Fail, $"{file.Path} is open to its group or others", $"Run: chmod {(Directory.Exists(file.Path) ? "700" : "600")} on it.");
    }

    /// <summary>A database file on a file system where other machines do not see its locks.</summary>
    internal static DoctorResult OnNetwork(DatabaseSettings database, string kind) => new(
        "file system",
        Health.Fail,
        $"{database.Address} is on {kind}, a network file system, where two processes overwrite each other's writes",
        "Put the file on a local disk, or use PostgreSQL.");

    /// <summary>The free space where Orion writes.</summary>
    internal static DoctorResult EvaluateDisk(string folder, long freeBytes)
    {
        var found = string.Create(CultureInfo.InvariantCulture, $"{(double)freeBytes / Gibibyte:0.0} GiB free at {folder}");
        if (freeBytes < MinBytes) return new DoctorResult("disk", Health.Fail, found, "Free disk space: writes are about to fail.");
        return freeBytes < Gibibyte ? new DoctorResult("disk", Health.Warn, found, "Free disk space.") : new DoctorResult("disk", Health.Pass, found);
    }
}
