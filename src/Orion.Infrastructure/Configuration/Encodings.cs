using System.Text;

namespace Orion.Infrastructure.Configuration;

/// <summary>Checks that a file with settings is UTF-8.</summary>
internal static class Encodings
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The error in the bytes of a file; null if they are UTF-8.</summary>
    public static SettingError? CheckUtf8(ReadOnlySpan<byte> bytes)
    {
        const string Fix = "Save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8).";
        // UTF-16 has a byte order mark, or a zero in most pairs of bytes. Text in UTF-8 has no zeros.
        if (bytes.StartsWith((byte[])[0xFF, 0xFE]) || bytes.StartsWith((byte[])[0xFE, 0xFF]) || bytes.Contains((byte)0))
            return new("is UTF-16, not UTF-8", Fix);
        try
        {
            Strict.GetCharCount(bytes);
            return null;
        }
        catch (DecoderFallbackException)
        {
            return new("is not UTF-8", Fix);
        }
    }
}
