using System.Globalization;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.FileSystem;

namespace Orion.Cli.Doctor;

/// <summary>Looks at files and the disk.</summary>
internal static class MachineExamination
{
    private const long Gibibyte = 1L << 30;
    private const long LeastBytes = Gibibyte / 8;

    /// <summary>Who may read what is for Orion's account alone.</summary>
    internal static IEnumerable<DoctorResult> Judge(IReadOnlyList<PrivateFile> files)
    {
        var open = files.Where(file => file.IsOpenToOthers).ToList();
        if (open.Count == 0) yield return new DoctorResult("files", Health.Pass, files.Count == 0 ? "none that hold secrets" : $"{files.Count}, for this account alone");
        foreach (var file in open)
            yield return new DoctorResult("files", Health.Fail, $"{file.Path} is open to its group or others", $"Run: chmod {(Directory.Exists(file.Path) ? "700" : "600")} on it.");
    }

    /// <summary>A database's file whose locks another machine does not see.</summary>
    internal static DoctorResult OnNetwork(DatabaseSettings database, string kind) => new(
        "file system",
        Health.Fail,
        $"{database.Address} is on {kind}, a network file system, where two processes overwrite each other's writes",
        "Put the file on a local disk, or use PostgreSQL.");

    /// <summary>How much room is left where Orion writes.</summary>
    internal static DoctorResult JudgeDisk(string folder, long freeBytes)
    {
        var found = string.Create(CultureInfo.InvariantCulture, $"{(double)freeBytes / Gibibyte:0.0} GiB free at {folder}");
        if (freeBytes < LeastBytes) return new DoctorResult("disk", Health.Fail, found, "Make room: writes are about to fail.");
        return freeBytes < Gibibyte ? new DoctorResult("disk", Health.Warn, found, "Make room.") : new DoctorResult("disk", Health.Pass, found);
    }
}
