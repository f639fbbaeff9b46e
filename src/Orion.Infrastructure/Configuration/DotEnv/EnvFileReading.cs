using System.Text;
using System.Text.RegularExpressions;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Configuration.DotEnv;

/// <summary>The result of reading a <c>.env</c>: its names and values, or why there are none.</summary>
/// <param name="Place">The full path and what was found there, for messages.</param>
/// <param name="Values">The values by name, as in the file.</param>
/// <param name="Error">The error that prevents the start; null if there is none.</param>
/// <param name="Variable">The name of the file in a problem: <c>.env</c>, or the variable that names another file.</param>
internal sealed record EnvFileReading(string Place, IReadOnlyDictionary<string, string> Values, SettingError? Error, string Variable = ".env")
{
    /// <summary>The variable that names another file, or <c>none</c>. It is read only from the environment.</summary>
    public const string PathVariable = "ORION_ENV_FILE";

    /// <summary>The maximum size of the file, in bytes.</summary>
    public const int MaxBytes = MaxMebibytes * 1024 * 1024;

    private const int MaxMebibytes = 1;

    private static readonly Dictionary<string, string> NoValues = [];

    /// <summary>Whether the file could not be read. Settings that it may contain do not count as missing then.</summary>
    public bool IsUnread { get; private init; }

    /// <summary>Whether there is no <c>.env</c>, and no other file is named.</summary>
    public bool IsAbsent { get; private init; }

    /// <summary>The names whose value a <c>#</c> truncates.</summary>
    public IReadOnlyList<string> TruncatedNames { get; private init; } = [];

    /// <summary>Reads the file that <paramref name="named"/>, the value of <see cref="PathVariable"/>, refers to.</summary>
    public static EnvFileReading Read(string? named, string workingDirectory, bool isDevelopment)
    {
        var name = named?.Trim() ?? "";
        if (name.Equals("none", StringComparison.OrdinalIgnoreCase)) return new($"no .env ({PathVariable} is none)", NoValues, null);

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
                    "is a folder. Container tools create one if the file to mount is missing", "Put the file there, or remove the folder."));
            }

            var file = new FileInfo(path);
            if (!file.Exists && file.LinkTarget is null) return Missing(path, isNamed);
            var isLink = file.LinkTarget is not null;
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // The mode of the open file, because the path may refer to another file by now.
            var error = isDevelopment ? null : CheckAccess(isLink && !RootOwnedLink.Is(path), FileModes.Of(stream.SafeFileHandle));
            if (ReadAll(stream) is not { } bytes)
                return Unread($"{path} (too large to read)", new($"is larger than {MaxMebibytes} MiB", "Keep only settings in the file."));
            if (Encodings.CheckUtf8(bytes) is { } other) return Unread($"{path} (not UTF-8)", other);
            var text = Encoding.UTF8.GetString(bytes);
            return new(path, EnvFile.Parse(text), error) { TruncatedNames = [.. EnvFile.TruncatedNames(text)] };
        }
        catch (RegexMatchTimeoutException)
        {
            return Unread($"{path} (not readable)", new(
                "takes too long to parse: it contains very many blank lines or unclosed quotes", "Remove them."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unread($"{path} (not readable)", new(
                "exists and cannot be read", $"Make it a file that the account Orion runs as can read, or set {PathVariable}=none."));
        }
    }

    private static EnvFileReading Missing(string path, bool isNamed) => isNamed
        ? Unread($"{path} (not found)", new(
            "does not exist", $"Correct the path in {PathVariable}, or unset it. With `none`, no file is read."))
        : new($"{path} (not found)", NoValues, null) { IsAbsent = true };

    private static EnvFileReading Unread(string place, SettingError error) => new(place, NoValues, error) { IsUnread = true };

    private static SettingError? CheckAccess(bool isLink, UnixFileMode mode)
    {
        if (isLink)
        {
            return new(
                "is a symbolic link, so that anyone who can change the link can change the settings",
                $"Replace it by the file itself, or name the file in {PathVariable}. A link is accepted if Orion does not run as root, and if the " +
                "link, its folders and its target belong to root and cannot be written by Orion's account.");
        }

        return (mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0
            ? new("can be written by its group or by others, who could change the settings", "Run: chmod 600 on the file.")
            : null;
    }

    private static byte[]? ReadAll(FileStream stream)
    {
        var buffer = new byte[MaxBytes + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length > MaxBytes ? null : buffer[..length];
    }
}
