using System.Security.Cryptography;
using System.Text;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>The rule of a shared secret, so that it cannot be guessed.</summary>
internal static class SecretRule
{
    /// <summary>The minimum length of an HMAC-SHA-256 key in bytes (RFC 7518, section 3.2).</summary>
    public const int MinBytes = 32;

    /// <summary>The minimum number of distinct characters.</summary>
    public const int MinDistinct = 10;

    /// <summary>The SHA-256 of a secret that has been published. Anyone could sign tokens with it.</summary>
    public const string PublishedSha256 = "b716e444d459562c2401782baf565e33e6d7c89f03513656823b2ba5edc188f2";

    private const string Fix = "Generate a random secret: openssl rand -hex 64. The frontend's server must use the same one.";

    private static readonly string[] Placeholders = ["changeme", "change_me", "change-me", "your_", "your-"];

    /// <summary>Whether a value begins like a placeholder of an example.</summary>
    public static bool IsPlaceholder(string text)
    {
        var start = text.TrimStart();
        return Placeholders.Any(p => start.StartsWith(p, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The error in a secret; null if it is valid. The secret is not trimmed.</summary>
    public static SettingError? Check(string secret, string publishedSha256 = PublishedSha256)
    {
        if (IsPlaceholder(secret)) return new("is still a placeholder", Fix);

        var bytes = Encoding.UTF8.GetBytes(secret);
        if (bytes.Length < MinBytes) return new($"is shorter than {MinBytes} bytes", Fix);
        if (secret.EnumerateRunes().Distinct().Count() < MinDistinct) return new($"has fewer than {MinDistinct} distinct characters", Fix);

        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == publishedSha256
            ? new("has been published, so that anyone could sign tokens with it", Fix)
            : null;
    }
}
