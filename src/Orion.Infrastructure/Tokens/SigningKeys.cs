using System.Security.Cryptography;
using System.Text;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// The HMAC keys of both kinds of tokens. In each list the current key comes first and is the only one that signs. The previous key,
/// if there is one, only verifies.
/// </summary>
internal sealed class SigningKeys
{
    // An HMAC key is at least as long as its hash (RFC 7518, section 3.2).
    private const int MinLength = 32;

    private const int SessionKeyLength = 32;

    internal SigningKeys(TokenSettings settings)
    {
        string[] secrets = settings.PreviousSecret is { } previous ? [settings.Secret, previous] : [settings.Secret];
        // A secret that looks like hex is not decoded: the frontend signs with its UTF-8 bytes, as Node's crypto does.
        User = [.. secrets.Select(Encoding.UTF8.GetBytes)];
        // The settings are validated before. This is a safeguard: with an empty key anyone could sign.
        if (User.Any(key => key.Length < MinLength)) throw new ArgumentException("A secret is too short to be a key.", nameof(settings));
        Session = [.. User.Select(SessionKeyOf)];
    }

    /// <summary>The keys of user tokens: the shared secrets themselves.</summary>
    internal IReadOnlyList<byte[]> User { get; }

    /// <summary>The keys of session tokens. They are derived, so that no other service with the shared secret accepts a session token.</summary>
    internal IReadOnlyList<byte[]> Session { get; }

    // RFC 5869. The version in the info allows another kind of session token later.
    private static byte[] SessionKeyOf(byte[] userKey) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, userKey, SessionKeyLength, salt: [], info: "orion/session-token/v1"u8.ToArray());
}
