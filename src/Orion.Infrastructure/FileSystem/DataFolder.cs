using System.Security.Cryptography;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.Rules;

namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// The folder of the embedded database and the generated secret. It is for the account that Orion runs as alone: 0700, its files 0600 from
/// their creation on, because a file that is closed a moment later has been open for a moment.
/// </summary>
public sealed class DataFolder
{
    /// <summary>The folder that Orion makes in one that another account owns.</summary>
    private const string OwnFolder = "orion";

    private const string IgnoreFile = ".gitignore";
    private const string SecretFile = "shared-jwt-secret";
    private const string LockFile = SecretFile + ".lock";
    private const int SecretBytes = 64;
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(10);

    private DataFolder(string path) => Path = path;

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Makes the folder where it is missing, with a <c>.gitignore</c> of <c>*</c> in it.</summary>
    /// <exception cref="IOException">It cannot be made, is a symbolic link, or is open to others.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static DataFolder Open(string path)
    {
        var full = PathIn(path);
        Refuse(Check(path));
        if (!Directory.Exists(full)) MakeFolder(full);
        // Somebody else may have been faster: what counts is what is there now.
        Refuse(Check(path));

        var ignore = System.IO.Path.Combine(full, IgnoreFile);
        try
        {
            if (!File.Exists(ignore)) WriteWhole(ignore, "*\n");
        }
        catch (IOException) when (File.Exists(ignore))
        {
            // Another instance has just written the same.
        }

        return new DataFolder(full);
    }

    /// <summary>The folder as it is, which may be missing. Makes nothing.</summary>
    /// <exception cref="IOException">It is a symbolic link, or is open to others.</exception>
    internal static DataFolder Find(string path)
    {
        Refuse(Check(path));
        return new DataFolder(PathIn(path));
    }

    /// <summary>Creates a file that is for this account alone from its creation on; one that exists is not touched.</summary>
    /// <exception cref="IOException">The file exists, or cannot be made.</exception>
    public static FileStream CreateFile(string path) => Open(path, FileMode.CreateNew, FileShare.Read);

    /// <summary>
    /// Opens a lock file, creating it for this account alone; while the stream is open every other process gets an
    /// <see cref="IOException"/> here. The system gives the lock back when the process ends, however it ends.
    /// </summary>
    public static FileStream OpenLock(string path) => Open(path, FileMode.OpenOrCreate, FileShare.None);

    /// <summary>
    /// The folder that is used: the one that is named, or Orion's own in it, where it belongs to another account and is open to its
    /// group. That is what Kubernetes makes of a volume with an <c>fsGroup</c>.
    /// </summary>
    internal static string PathIn(string path)
    {
        var full = Normalized(path);
        return IsShared(full) ? System.IO.Path.Combine(full, OwnFolder) : full;
    }

    /// <summary>What is wrong with a folder that is there, or null; one that is not there yet has nothing wrong with it. Makes
    /// nothing.</summary>
    internal static SettingError? Check(string path)
    {
        var named = Normalized(path);
        if (!IsShared(named)) return CheckPrivate(named);
        if (FileModes.IsOpenToEverybody(named))
        {
            return new($"is a folder, {named}, of another account that everybody can look into",
                $"Run: chmod o-rwx {named}. Its group may stay: Orion makes a folder of its own in it.");
        }

        var own = System.IO.Path.Combine(named, OwnFolder);
        if (CheckPrivate(own) is { } flaw) return flaw;
        // Beside data that Orion wrote as another account, an empty database would look like lost data.
        if (!Directory.Exists(own) && File.Exists(System.IO.Path.Combine(named, IgnoreFile)))
        {
            return new($"is a folder, {named}, that holds the data of an Orion that ran as another account",
                $"Start Orion as that account. Or, where it is open to its group for this one, move what is in it into {own}, with this account as owner.");
        }

        return Directory.Exists(own) && UnixAccount.OwnerOf(own) is { } owner && owner != UnixAccount.Current && !UnixAccount.IsRoot
            ? new($"holds {own}, which belongs to another account", "Start Orion as the account that it belongs to, or change the owner of the folder and what is in it.")
            : null;
    }

    /// <summary>What is wrong with a folder that is for this account alone.</summary>
    internal static SettingError? CheckPrivate(string full)
    {
        if (new FileInfo(full).LinkTarget is not null)
        {
            return new($"is a symbolic link, {full}, so that whoever can change the link decides where the data is", "Name the folder itself.");
        }

        if (File.Exists(full)) return new($"is a file, {full}", "Name a folder.");
        return Directory.Exists(full) && FileModes.IsOpenToOthers(full)
            ? new($"is a folder, {full}, that its group or others can look into", $"Run: chmod 700 {full}")
            : null;
    }

    /// <summary>The secret of Development, made at the first start; several processes that start at once end with the same one.</summary>
    /// <param name="createsFile">Whether it is made where it is missing; otherwise it is empty then.</param>
    internal string SharedSecret(bool createsFile)
    {
        var path = System.IO.Path.Combine(Path, SecretFile);
        if (!Exists(path))
        {
            if (!createsFile) return "";
            using var held = WaitForLock();
            if (!Exists(path))
            {
                // Written elsewhere and renamed: no other process, and no start after a crash, sees half a secret.
                var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
                WriteWhole(draft, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));
                File.Move(draft, path);
            }
        }

        if (new FileInfo(path).LinkTarget is not null || FileModes.IsOpenToOthers(path))
            throw new IOException($"{path} is a symbolic link or open to others. Delete it: the next start makes another one.");
        var secret = File.ReadAllText(path).TrimEnd('\r', '\n');
        return SecretRule.Check(secret) is null
            ? secret
            : throw new IOException($"{path} holds no usable secret. Delete it: the next start makes another one.");
    }

    /// <summary>Creates the database's file where it is missing; SQLite gives its side files the same mode.</summary>
    internal static void CreateDatabase(string path)
    {
        if (Exists(path)) return;
        try
        {
            CreateFile(path).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another instance has just made it.
        }
    }

    /// <summary>A file that this account cannot reach is not the same as one that is missing.</summary>
    /// <exception cref="UnauthorizedAccessException">The account cannot look into the folder.</exception>
    internal static void RefuseClosed(string path)
    {
        try
        {
            File.GetAttributes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            // The first start makes it.
        }
    }

    /// <summary>Makes the folders between the data folder and a file in it.</summary>
    internal void MakeFolderOf(string file)
    {
        var folder = System.IO.Path.GetDirectoryName(file)!;
        if (folder.Length <= Path.Length || Directory.Exists(folder)) return;
        MakeFolderOf(folder);
        MakeFolder(folder);
    }

    /// <summary>Whether a folder belongs to another account, which lets its group do something with it.</summary>
    private static bool IsShared(string full) =>
        Directory.Exists(full) && new FileInfo(full).LinkTarget is null && FileModes.IsOpenToGroup(full)
        && UnixAccount.OwnerOf(full) is { } owner && owner != UnixAccount.Current;

    /// <summary>Whether there is a file or a link, even one that leads nowhere.</summary>
    internal static bool Exists(string path) => File.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>A slash at the end would make the system look through a link instead of at it.</summary>
    private static string Normalized(string path) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, FileModes.PrivateFolder);
    }

    private static void Refuse(SettingError? flaw)
    {
        if (flaw is not null) throw new IOException($"The data folder {flaw.What}. {flaw.Fix}");
    }

    private static void WriteWhole(string path, string text)
    {
        using var stream = CreateFile(path);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    private static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileModes.PrivateFile;
        return new FileStream(path, options);
    }

    private FileStream WaitForLock()
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(20))
        {
            try
            {
                return OpenLock(System.IO.Path.Combine(Path, LockFile));
            }
            catch (IOException) when (waited < LockWait)
            {
                // The thread sleeps, because the settings are read before there is a host, or anything else that it could do meanwhile;
                // and only where several processes make Development's secret at the same moment.
                Thread.Sleep(20);
            }
        }
    }
}
