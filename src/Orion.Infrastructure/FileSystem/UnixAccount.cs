using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// What .NET does not expose about files and accounts: the owner of a file, whether this account may write to it, and hard links.
/// Only available on Linux.
/// </summary>
internal static class UnixAccount
{
    private const int WriteAccess = 2;
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint OwnerOnly = 0x8;

    // struct statx is the same on every architecture (statx(2)): 256 bytes, the owner's ID at offset 20.
    private const int StatSize = 256;
    private const int OwnerAt = 20;

    /// <summary>Whether this process runs as root.</summary>
    public static bool IsRoot => OperatingSystem.IsLinux() && CurrentUser() == 0;

    /// <summary>The ID of this process's account; null if it is unknown.</summary>
    public static uint? Current => OperatingSystem.IsLinux() ? CurrentUser() : null;

    /// <summary>The ID of the owner of a file, folder or link; null if it is unknown. Links are not followed.</summary>
    public static uint? OwnerOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var stat = new byte[StatSize];
        return Stat(CurrentDirectory, Terminated(path), NoFollow, OwnerOnly, stat) == 0
            ? BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(OwnerAt))
            : null;
    }

    /// <summary>
    /// Whether this account may write to a file or folder, according to access(2), which also considers read-only mounts.
    /// </summary>
    public static bool MayWrite(string path) => !OperatingSystem.IsLinux() || Access(Terminated(path), WriteAccess) == 0;

    /// <summary>
    /// Gives a file another name, if no file has that name: link(2). Unlike <see cref="File.Move(string, string)"/>, which looks first and then
    /// renames, it never replaces a file that another process has just created.
    /// </summary>
    /// <returns>False if the name exists, or the file system has no hard links.</returns>
    public static bool TryLink(string path, string name) => OperatingSystem.IsLinux() && Link(Terminated(path), Terminated(name)) == 0;

    private static byte[] Terminated(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    [DllImport("libc", EntryPoint = "geteuid"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint CurrentUser();

    [DllImport("libc", EntryPoint = "access"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Access(byte[] path, int mode);

    [DllImport("libc", EntryPoint = "link"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] path, byte[] name);

    [DllImport("libc", EntryPoint = "statx"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(int folder, byte[] path, int flags, uint mask, byte[] stat);
}
