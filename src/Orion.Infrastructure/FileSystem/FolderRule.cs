using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.FileSystem;

/// <summary>The rules of a folder with data in it: only the account that Orion runs as can access it. This class creates nothing.</summary>
internal static class FolderRule
{
    /// <summary>The folder that Orion creates in a folder of another account.</summary>
    private const string OwnFolder = "orion";

    /// <summary>
    /// The folder that is used: the given one, or <c>orion</c> in it if it belongs to another account and is open to its group, as
    /// a Kubernetes volume with an <c>fsGroup</c> is.
    /// </summary>
    internal static string PathIn(string path)
    {
        var full = Normalized(path);
        return IsShared(full) ? Path.Combine(full, OwnFolder) : full;
    }

    /// <summary>Whether the folder that is used is Orion's own one in the given folder.</summary>
    internal static bool IsOwnFolder(string used, string path) => used != Normalized(path);

    /// <summary>The error in a folder; null if it is valid, or if it does not exist yet.</summary>
    internal static SettingError? Check(string path)
    {
        var full = Normalized(path);
        if (!IsShared(full)) return CheckPrivate(full);
        if (FileModes.IsWritableByWorld(full))
        {
            return new($"is a folder, {full}, that belongs to another account and that every account can write to",
                $"Run: chmod o-w {full}. Its group can keep its access: Orion creates a private folder in it.");
        }

        var own = Path.Combine(full, OwnFolder);
        if (CheckPrivate(own) is { } error && !IsOpenedToGroup(own)) return error;
        // An empty database next to data that Orion wrote as another account would look like lost data.
        if (!Directory.Exists(own) && File.Exists(Path.Combine(full, DataFolder.IgnoreFile)))
        {
            return new($"is a folder, {full}, that contains the data of an Orion that ran as another account",
                $"Start Orion as that account. Or, if the folder is open to this account's group, move its content into {own} and make this account the owner.");
        }

        return Directory.Exists(own) && UnixAccount.OwnerOf(own) is { } owner && owner != UnixAccount.Current && !UnixAccount.IsRoot
            ? new($"contains {own}, which belongs to another account", "Start Orion as that account, or change the owner of the folder and of its content.")
            : null;
    }

    /// <summary>The error in a folder that must be private; null if it is valid, or if it does not exist yet.</summary>
    internal static SettingError? CheckPrivate(string full)
    {
        if (new FileInfo(full).LinkTarget is not null)
            return new($"is a symbolic link, {full}, so that anyone who can change the link can redirect the data", "Name the folder itself.");
        if (File.Exists(full)) return new($"is a file, {full}", "Name a folder.");
        return Directory.Exists(full) && FileModes.IsOpenToOthers(full)
            ? new($"is a folder, {full}, that is open to its group or to others", $"Run: chmod 700 {full}")
            : null;
    }

    /// <summary>Whether a folder belongs to another account and is open to its group.</summary>
    private static bool IsShared(string full) =>
        Directory.Exists(full) && new FileInfo(full).LinkTarget is null && FileModes.IsOpenToGroup(full)
        && UnixAccount.OwnerOf(full) is { } owner && owner != UnixAccount.Current;

    // Each time that Kubernetes mounts a volume with an fsGroup, it opens everything in it to the group. DataFolder.Open closes it again.
    private static bool IsOpenedToGroup(string own) =>
        Directory.Exists(own) && new FileInfo(own).LinkTarget is null && !FileModes.IsOpenToWorld(own)
        && UnixAccount.OwnerOf(own) == UnixAccount.Current;

    // With a slash at the end, the system would follow a link instead of examining it.
    private static string Normalized(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
