using System.Text;
using System.Text.RegularExpressions;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Configuration.DotEnv;

/// <summary>What became of looking for a <c>.env</c>: its names and values, or why there are none.</summary>
/// <param name="Place">Where it was looked for and what became of that, for messages: the full path is in it.</param>
/// <param name="Values">What it says, by the name as it is written there.</param>
/// <param name="SettingError">Why Orion does not start with this file; null where nothing is wrong with it.</param>
/// <param name="Variable">What a problem with the file is reported under: <c>.env</c>, or the variable that names another one.</param>
internal sealed record EnvFileReading(string Place, IReadOnlyDictionary<string, string> Values, SettingError? SettingError, string Variable = ".env")
{
    /// <summary>The variable that names another file, or <c>none</c>; it is read from the real environment alone.</summary>
    public const string PathVariable = "ORION_ENV_FILE";

    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>Whether there is a file whose content is not known: what it sets does not count as missing.</summary>
    public bool IsUnread { get; private init; }

    /// <summary>Names whose value a <c>#</c> cut short.</summary>
    public IReadOnlyList<string> CutShort { get; private init; } = [];

    /// <summary>Reads the file that <paramref name="named"/> (the value of <see cref="PathVariable"/>) means.</summary>
    public static EnvFileReading Read(string? named, string workingDirectory, bool isDevelopment)
    {
        var name = named?.Trim() ?? "";
        if (name.Equals("none", StringComparison.OrdinalIgnoreCase)) return new($"no .env ({PathVariable} is none)", Nothing, null);

        return name.Length == 0
            ? ReadFile(Path.GetFullPath(".env", workingDirectory), isNamed: false, isDevelopment)
            : ReadFile(Path.GetFullPath(name, workingDirectory), isNamed: true, isDevelopment) with { Variable = PathVariable };
    }

    private static EnvFileReading ReadFile(string path, bool isNamed, bool isDevelopment)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return Unread($"{path} (a folder)", new(
                    "is a folder, which container tools make where a file to mount is missing", "Put the file there, or remove the folder."));
            }

            var file = new FileInfo(path);
            if (!file.Exists && file.LinkTarget is null) return Missing(path, isNamed);
            var isLink = file.LinkTarget is not null;
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // The mode is asked of the open file, so that it is the mode of what is read.
            var flaw = isDevelopment ? null : Exposed(isLink && !RootOwnedLink.Is(path), FileModes.Of(stream.SafeFileHandle));
            if (ReadAll(stream) is not { } bytes)
                return Unread($"{path} (too large to read)", new("is larger than 1 MiB", "Leave settings alone in the file."));
            if (Encodings.NotUtf8(bytes) is { } other) return Unread($"{path} (not UTF-8)", other);
            var text = Encoding.UTF8.GetString(bytes);
            return new(path, EnvFile.Parse(text), flaw) { CutShort = [.. EnvFile.CutShort(text)] };
        }
        catch (RegexMatchTimeoutException)
        {
            return Unread($"{path} (not readable)", new(
                "takes too long to read: it holds very long runs of blank lines or unclosed quotes", "Take them out."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unread($"{path} (not readable)", new(
                "is there and cannot be read", $"Make it a file that the account Orion runs as can read, or set {PathVariable}=none."));
        }
    }

    private static EnvFileReading Missing(string path, bool isNamed) => isNamed
        ? Unread($"{path} (not found)", new(
            "does not exist", $"Correct the path in {PathVariable}, or unset it; `none` reads no file at all."))
        : new($"{path} (not found)", Nothing, null);

    private static EnvFileReading Unread(string place, SettingError flaw) => new(place, Nothing, flaw) { IsUnread = true };

    private static SettingError? Exposed(bool isLink, UnixFileMode mode)
    {
        if (isLink)
        {
            return new(
                "is a symbolic link, so that whoever can change the link decides the settings",
                $"Put the file itself there, or name it in {PathVariable}. A link is accepted where Orion does not run as root, and the " +
                "link, its folders and its target belong to root and cannot be written by Orion's account.");
        }

        return (mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0
            ? new("can be written by its group or by others, who could decide the settings", "Run: chmod 600 on the file.")
            : null;
    }

    private static byte[]? ReadAll(FileStream stream)
    {
        var buffer = new byte[MaxBytes + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length > MaxBytes ? null : buffer[..length];
    }
}
