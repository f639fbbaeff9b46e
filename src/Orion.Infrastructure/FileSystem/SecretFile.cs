using System.Text;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// The file that <c>NAME_FILE</c> names, with the value of the setting <c>NAME</c> in it: how Docker and Kubernetes hand over secrets.
/// </summary>
internal static class SecretFile
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The content without one line end at its end, or what is wrong with the file.</summary>
    /// <param name="path">A full path.</param>
    public static (string? Text, SettingError? SettingError) Read(string path)
    {
        // What is no full path may be the secret itself in the wrong variable: it is not repeated.
        if (!Path.IsPathFullyQualified(path) || path.Any(char.IsControl))
            return (null, new("is not a full path", "Name the file that holds the value, for example /run/secrets/orion-secret."));
        try
        {
            if (Directory.Exists(path))
                return (null, new($"names a folder, {path}", "Name the file in it; container tools make a folder where a file to mount is missing."));
            if (!File.Exists(path)) return (null, new($"names a file that does not exist, {path}", "Correct the path, or mount the file there."));

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaxBytes + 1];
            var bytes = buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
            if (bytes.Length > MaxBytes) return (null, new($"names a file of more than 64 KiB, {path}", "Put the value alone into the file."));
            if (Encodings.NotUtf8(bytes) is { } flaw) return (null, flaw with { What = $"names a file, {path}, that {flaw.What}" });
            var text = WithoutLineEnd(Encoding.UTF8.GetString(bytes).TrimStart('\ufeff'));
            return text.Length > 0 ? (text, null) : (null, new($"names an empty file, {path}", "Write the value into it."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, new($"names a file that cannot be read, {path}", "Let the account that Orion runs as read it."));
        }
    }

    private static string WithoutLineEnd(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
