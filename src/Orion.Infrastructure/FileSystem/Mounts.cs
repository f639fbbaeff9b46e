using System.Text.RegularExpressions;

namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// The file system that a file is on, according to Linux (proc(5), mountinfo). SQLite's locks and the shared memory of its WAL do not
/// reach another machine, so a database on a network file system loses writes as soon as another process opens it.
/// </summary>
internal static partial class Mounts
{
    private const string Table = "/proc/self/mountinfo";

    private static readonly HashSet<string> Network =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "lustre", "glusterfs", "beegfs", "ocfs2", "gfs2", "fuse"];

    // A layer of rootless containers.
    private const string LocalLayer = "fuse.fuse-overlayfs";

    /// <summary>The type of the network file system that a file is on; null if it is on none, or if this is unknown.</summary>
    public static string? NetworkFileSystemOf(string path)
    {
        try
        {
            return File.Exists(Table) ? NetworkFileSystemOf(Resolved(path), File.ReadLines(Table)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The same, with the lines of <c>mountinfo</c> given.</summary>
    public static string? NetworkFileSystemOf(string path, IEnumerable<string> mounts)
    {
        var (best, type) = ("", "");
        foreach (var line in mounts)
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (fields.Length < 6 || dash < 0 || dash + 1 >= fields.Length) continue;
            var point = Octal().Replace(fields[4], match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());
            var isAbove = point == "/" || path == point || path.StartsWith(point + "/", StringComparison.Ordinal);
            // Of several mounts at the same place, the last one counts.
            if (isAbove && point.Length >= best.Length) (best, type) = (point, fields[dash + 1]);
        }

        return Network.Contains(type) || (type.StartsWith("fuse.", StringComparison.Ordinal) && type != LocalLayer) ? type : null;
    }

    /// <summary>The path with the symbolic links of its folders resolved.</summary>
    private static string Resolved(string path)
    {
        var current = "/";
        foreach (var step in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(current, step);
            var target = Directory.Exists(next) ? new DirectoryInfo(next).ResolveLinkTarget(returnFinalTarget: true) : null;
            current = target?.FullName ?? next;
        }

        return current;
    }

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
