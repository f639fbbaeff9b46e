using System.Security.Cryptography;
using System.Text;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>What a shared secret must be to keep others from guessing it.</summary>
internal static class SecretRule
{
    /// <summary>The fewest bytes of an HMAC-SHA-256 key (RFC 7518, section 3.2).</summary>
    public const int MinBytes = 32;

    /// <summary>The fewest distinct characters.</summary>
    public const int MinDistinct = 10;

    /// <summary>The SHA-256 of a secret that has been published: whoever reads it there could sign tokens.</summary>
    public const string PublishedSha256 = "b716e444d459562c2401782baf565e33e6d7c89f03513656823b2ba5edc188f2";

    private const string Fix = "Use a random secret of your own: openssl rand -hex 64. The frontend's server must have the same one.";

    private static readonly string[] Placeholders = ["changeme", "change_me", "change-me", "your_", "your-"];

    /// <summary>What is wrong with a secret, or null. The secret is taken as it is: nothing is trimmed off.</summary>
    public static SettingError? Check(string secret, string publishedSha256 = PublishedSha256)
    {
        var start = secret.TrimStart();
        if (Placeholders.Any(p => start.StartsWith(p, StringComparison.OrdinalIgnoreCase))) return new("is a placeholder", Fix);

        var bytes = Encoding.UTF8.GetBytes(secret);
        if (bytes.Length < MinBytes) return new("is shorter than 32 bytes", Fix);
        if (secret.EnumerateRunes().Distinct().Count() < MinDistinct) return new("has fewer than 10 distinct characters", Fix);

        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == publishedSha256
            ? new("has been published, and anyone could sign tokens with it", Fix)
            : null;
    }
}
