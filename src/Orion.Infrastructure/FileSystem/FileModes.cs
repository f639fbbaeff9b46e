using Microsoft.Win32.SafeHandles;

namespace Orion.Infrastructure.FileSystem;

/// <summary>The permission bits of files, where the system has them; Windows has none, and there every file counts as private.</summary>
internal static class FileModes
{
    /// <summary>Read and write for the owner alone: 0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Everything for the owner alone: 0700.</summary>
    public const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    private const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode Others = Group | Everybody;

    /// <summary>The mode of an open file.</summary>
    public static UnixFileMode Of(SafeFileHandle file) => OperatingSystem.IsWindows() ? PrivateFile : File.GetUnixFileMode(file);

    /// <summary>Whether its group may do anything with a file or folder.</summary>
    public static bool IsOpenToGroup(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Group) != 0;

    /// <summary>Whether accounts outside of its group may do anything with a file or folder.</summary>
    public static bool IsOpenToEverybody(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Everybody) != 0;

    /// <summary>Whether in this folder nobody but root can rename or delete what belongs to others.</summary>
    public static bool IsSticky(string path) =>
        !OperatingSystem.IsWindows() && Directory.Exists(path) && (File.GetUnixFileMode(path) & UnixFileMode.StickyBit) != 0;

    /// <summary>Whether group or others may do anything with a file or folder.</summary>
    public static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;

    /// <summary>
    /// As <see cref="IsOpenToOthers"/>, but for a file of another account that its group may read: <c>root:orion 0640</c> is how an
    /// account reads settings that it cannot change.
    /// </summary>
    public static bool IsOpenToStrangers(string path) => IsOpenToOthers(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Others) != UnixFileMode.GroupRead || IsWritable(path));

    // .NET tells nobody's owner: whoever may read and not write is in the group.
    private static bool IsWritable(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}
