using Microsoft.Win32.SafeHandles;

namespace Orion.Infrastructure.Settings;

/// <summary>The permission bits of files, where the system has them; Windows has none, and there every file counts as private.</summary>
internal static class FileModes
{
    /// <summary>Read and write for the owner alone: 0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Everything for the owner alone: 0700.</summary>
    public const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The mode of an open file.</summary>
    public static UnixFileMode Of(SafeFileHandle file) => OperatingSystem.IsWindows() ? PrivateFile : File.GetUnixFileMode(file);

    /// <summary>Whether group or others may do anything with a file or folder.</summary>
    public static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;
}
