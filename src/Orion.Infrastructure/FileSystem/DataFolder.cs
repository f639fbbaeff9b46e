using System.Security.Cryptography;
using System.Text;
using Orion.Infrastructure.Configuration.Rules;

namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// The folder of the embedded database and the generated secret. Only the account that Orion runs as can access it: the folder has mode
/// 0700, and its files have 0600 from their creation on, because a mode that is set later leaves them open for a moment.
/// </summary>
public sealed class DataFolder
{
    internal const string IgnoreFile = ".gitignore";

    private const string SecretFile = "shared-jwt-secret";
    private const int SecretBytes = 64;

    private DataFolder(string path) => FullPath = path;

    internal string FullPath { get; }

    /// <summary>Creates the folder if it is missing, with a <c>.gitignore</c> of <c>*</c> in it.</summary>
    /// <exception cref="IOException">It cannot be created, is a symbolic link, or is open to others.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be created.</exception>
    public static DataFolder Open(string path)
    {
        ThrowIfInvalid(path);
        var full = FolderRule.PathIn(path);
        if (!Directory.Exists(full)) FileModes.CreatePrivateFolder(full);
        // Another process may have created it first, in another way.
        ThrowIfInvalid(path);
        if (FolderRule.IsOwnFolder(full, path)) FileModes.MakePrivate(full);

        CreateMissingFile(Path.Combine(full, IgnoreFile), "*\n");
        return new DataFolder(full);
    }

    /// <summary>The existing or missing folder. Nothing is created.</summary>
    /// <exception cref="IOException">It is a symbolic link, or is open to others.</exception>
    internal static DataFolder Find(string path)
    {
        ThrowIfInvalid(path);
        return new DataFolder(FolderRule.PathIn(path));
    }

    /// <summary>Development's own secret. If several processes create it at the same time, all of them use the same one.</summary>
    /// <exception cref="SecretFileException">The file exists and cannot be used.</exception>
    /// <param name="createsFile">Whether a missing secret is created; otherwise the result is empty.</param>
    internal string SharedSecret(bool createsFile)
    {
        var path = Path.Combine(FullPath, SecretFile);
        if (!Exists(path))
        {
            if (!createsFile) return "";
            CreateSecret(path);
        }

        const string delete = "Delete the file: the next start creates a new secret.";
        if (new FileInfo(path).LinkTarget is not null) throw new SecretFileException(path, new($"is read from {path}, which is a symbolic link", delete));
        if (FileModes.IsOpenToOthers(path))
        {
            throw new SecretFileException(path, new(
                $"is read from {path}, which is open to its group or others", $"{delete} If no other account has read it, set its mode to 600 instead."));
        }

        var secret = File.ReadAllText(path).TrimEnd('\r', '\n');
        return SecretRule.Check(secret) is null
            ? secret
            : throw new SecretFileException(path, new($"is read from {path}, which does not contain a usable secret", delete));
    }

    /// <summary>Creates the database's file if it is missing. SQLite gives its side files the same mode.</summary>
    internal static void CreateDatabase(string path) => CreateMissingFile(path, content: "");

    /// <summary>Creates the missing folders between the data folder and a file in it.</summary>
    internal void CreateFolderOf(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (folder.Length <= FullPath.Length || Directory.Exists(folder)) return;
        CreateFolderOf(folder);
        FileModes.CreatePrivateFolder(folder);
    }

    /// <summary>Throws if the account cannot access the folder of a file. Such a file does not count as missing.</summary>
    /// <exception cref="UnauthorizedAccessException">The account cannot access the folder.</exception>
    internal static void ThrowIfInaccessible(string path)
    {
        try
        {
            File.GetAttributes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            // The first start creates it.
        }
    }

    /// <summary>Whether there is a file or a link, even a broken one.</summary>
    internal static bool Exists(string path) => File.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static void ThrowIfInvalid(string path)
    {
        if (FolderRule.Check(path) is { } error) throw new IOException($"The data folder {error.What}. {error.Fix}");
    }

    private static void CreateSecret(string path)
    {
        // A draft gets its name as a whole, so that no process ever reads a part of a secret. The first of several processes wins.
        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        CreateFile(draft, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));
        try
        {
            if (!UnixAccount.TryLink(draft, path) && !Exists(path)) File.Move(draft, path);
        }
        catch (IOException) when (Exists(path))
        {
            // Another process has just created it.
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static void CreateMissingFile(string path, string content)
    {
        if (Exists(path)) return;
        try
        {
            CreateFile(path, content);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process has just created it.
        }
    }

    private static void CreateFile(string path, string content)
    {
        using var stream = FileModes.CreatePrivate(path);
        stream.Write(Encoding.ASCII.GetBytes(content));
        stream.Flush(flushToDisk: true);
    }
}
