using System.Security.Cryptography;
using System.Text;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// The HMAC keys of both kinds of tokens. In each list the current key comes first and is the only one that signs; the previous
/// one, where there is one, only verifies.
/// </summary>
internal sealed class SigningKeys
{
    private const int SessionKeyLength = 32;

    internal SigningKeys(TokenSettings settings)
    {
        string[] secrets = settings.PreviousSecret is { } previous ? [settings.Secret, previous] : [settings.Secret];
        // A secret that looks like hex is not decoded: Node's crypto takes its UTF-8 bytes, and the frontend signs with those.
        User = [.. secrets.Select(Encoding.UTF8.GetBytes)];
        Session = [.. User.Select(SessionKeyOf)];
    }

    /// <summary>The keys of user tokens: the shared secrets themselves.</summary>
    internal IReadOnlyList<byte[]> User { get; }

    /// <summary>The keys of session tokens, which no other holder of the shared secret takes for its own.</summary>
    internal IReadOnlyList<byte[]> Session { get; }

    // RFC 5869. The version in the info leaves room for another kind of session token beside this one.
    private static byte[] SessionKeyOf(byte[] userKey) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, userKey, SessionKeyLength, salt: [], info: "orion/session-token/v1"u8.ToArray());
}
