using System.Text;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// The file that <c>NAME_FILE</c> names, with the value of the setting <c>NAME</c> in it, as Docker and Kubernetes mount secrets.
/// </summary>
internal static class SecretFile
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The content without one final line break, or the error in the file.</summary>
    /// <param name="path">A full path.</param>
    public static (string? Text, SettingError? Error) Read(string path)
    {
        // A value that is not a full path may be the secret itself. It is not repeated.
        if (!Path.IsPathFullyQualified(path) || path.Any(char.IsControl))
            return (null, new("is not a full path", "Name the file that contains the value, for example /run/secrets/orion-secret."));
        try
        {
            if (Directory.Exists(path))
                return (null, new($"names a folder, {path}", "Name the file in it. Container tools create a folder if the file to mount is missing."));
            if (!File.Exists(path)) return (null, new($"names a file that does not exist, {path}", "Correct the path, or mount the file there."));

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaxBytes + 1];
            var bytes = buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
            if (bytes.Length > MaxBytes) return (null, new($"names a file of more than {MaxBytes / 1024} KiB, {path}", "Put only the value into the file."));
            if (Encodings.CheckUtf8(bytes) is { } error) return (null, error with { What = $"names a file, {path}, that {error.What}" });
            var text = WithoutLineBreak(Encoding.UTF8.GetString(bytes).TrimStart('\ufeff'));
            return text.Length > 0 ? (text, null) : (null, new($"names an empty file, {path}", "Write the value into it."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, new($"names a file that cannot be read, {path}", "Let the account that Orion runs as read it."));
        }
    }

    private static string WithoutLineBreak(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
