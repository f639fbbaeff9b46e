using Microsoft.Win32.SafeHandles;

namespace Orion.Infrastructure.FileSystem;

/// <summary>The permission bits of files. Windows has none, so every file counts as private there.</summary>
internal static class FileModes
{
    /// <summary>Read and write for the owner only: 0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Full access for the owner only: 0700.</summary>
    public const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    private const UnixFileMode World = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode Others = Group | World;

    /// <summary>Creates a private file. It has its mode from its creation on.</summary>
    /// <exception cref="IOException">The file exists, or cannot be created.</exception>
    public static FileStream CreatePrivate(string path) => OpenPrivate(path, FileMode.CreateNew, FileShare.Read);

    /// <summary>Opens a file for reading and writing. If that creates the file, it is private.</summary>
    public static FileStream OpenPrivate(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = PrivateFile;
        return new FileStream(path, options);
    }

    /// <summary>Creates a private folder. An existing one keeps its mode.</summary>
    public static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, PrivateFolder);
    }

    /// <summary>Makes a folder of this account private, with everything in it, if it is not. Links are not followed.</summary>
    public static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows() || !IsOpenToOthers(folder)) return;
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var inner in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", all).Where(inner => (inner.UnixFileMode & Others) != 0))
            inner.UnixFileMode = inner is DirectoryInfo ? PrivateFolder : PrivateFile;
        // At the end, so that an interrupted call is repeated.
        File.SetUnixFileMode(folder, PrivateFolder);
    }

    /// <summary>The mode of an open file.</summary>
    public static UnixFileMode Of(SafeFileHandle file) => OperatingSystem.IsWindows() ? PrivateFile : File.GetUnixFileMode(file);

    /// <summary>Whether the group has any access.</summary>
    public static bool IsOpenToGroup(string path) => HasAny(path, Group);

    /// <summary>Whether accounts outside of the group have any access.</summary>
    public static bool IsOpenToWorld(string path) => HasAny(path, World);

    /// <summary>Whether accounts outside of the group may create, rename and delete files in a folder.</summary>
    public static bool IsWritableByWorld(string path) => HasAny(path, UnixFileMode.OtherWrite);

    /// <summary>Whether the group or others have any access.</summary>
    public static bool IsOpenToOthers(string path) => HasAny(path, Others);

    /// <summary>Whether only root can rename or delete files of other accounts in a folder.</summary>
    public static bool IsSticky(string path) => Directory.Exists(path) && HasAny(path, UnixFileMode.StickyBit);

    /// <summary>
    /// The same as <see cref="IsOpenToOthers"/>, except for a file of another account that its group may read: with <c>root:orion 0640</c>
    /// an account can read settings and not change them.
    /// </summary>
    public static bool IsOpenBeyondGroupRead(string path) => IsOpenToOthers(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Others) != UnixFileMode.GroupRead || IsWritable(path));

    private static bool HasAny(string path, UnixFileMode bits) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & bits) != 0;

    // .NET does not expose the owner of a file. An account that can read this file and not write it is in its group.
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
