using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Tokens;

namespace Orion.UnitTests.Fixtures;

/// <summary>
/// Builds tokens byte by byte and signs them with the right key, so that a token has only the tested defect. The session
/// key is derived here by RFC 5869's own formula, not by the code under test.
/// </summary>
internal static class TestTokens
{
    internal const string Secret = "00112233445566778899aabbccddeeff-for-tests-only-0";
    internal const string PreviousSecret = "ffeeddccbbaa99887766554433221100-for-tests-only-1";
    internal const string Sid = "01890a5d-ac96-774b-bcce-b302099a8057";
    internal const string UserHeader = """{"alg":"HS256","typ":"JWT"}""";
    internal const string SessionHeader = """{"alg":"HS256","typ":"orion-session+jwt"}""";

    internal static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    internal static readonly long Second = Now.ToUnixTimeSeconds();

    internal static readonly TokenSettings TestSettings = new()
    {
        Secret = Secret,
        PreviousSecret = PreviousSecret,
        Issuer = "https://chat.example.com",
        Audience = "orion-core",
        UserTokenMaxLifetime = TimeSpan.FromHours(24),
    };

    internal static readonly byte[] UserKey = Encoding.UTF8.GetBytes(Secret);
    internal static readonly byte[] SessionKey = SessionKeyOf(Secret);

    internal static JwtVerifier Verifier(TokenSettings? settings = null, DateTimeOffset? now = null) =>
        new(settings ?? TestSettings, new FakeTimeProvider(now ?? Now));

    internal static byte[] SessionKeyOf(string secret)
    {
        var pseudorandomKey = HMACSHA256.HashData(new byte[32], Encoding.UTF8.GetBytes(secret));
        return HMACSHA256.HashData(pseudorandomKey, "orion/session-token/v1\u0001"u8);
    }

    /// <summary>The claims of a valid token as JSON, with some replaced, added, or (null) left out.</summary>
    internal static string Claims(params (string Name, string? Json)[] changes)
    {
        var members = new List<(string Name, string? Json)>
        {
            ("iss", "\"https://chat.example.com\""),
            ("aud", "\"orion-core\""),
            ("sub", "\"you@example.com\""),
            ("iat", $"{Second}"),
            ("exp", $"{Second + 300}"),
        };
        foreach (var change in changes)
        {
            var at = members.FindIndex(member => member.Name == change.Name);
            if (at < 0) members.Add(change);
            else members[at] = change;
        }

        return "{" + string.Join(",", members.Where(member => member.Json is not null).Select(member => $"\"{member.Name}\":{member.Json}")) + "}";
    }

    internal static string SessionClaims(params (string Name, string? Json)[] changes) => Claims([("sid", $"\"{Sid}\""), .. changes]);

    internal static string User(params (string Name, string? Json)[] changes) => Sign(UserHeader, Claims(changes), UserKey);

    internal static string Session(params (string Name, string? Json)[] changes) => Sign(SessionHeader, SessionClaims(changes), SessionKey);

    internal static string WithHeader(string header) => Sign(header, Claims(), UserKey);

    internal static string WithClaims(string claims) => Sign(UserHeader, claims, UserKey);

    internal static string Sign(string header, string claims, byte[] key) => Sign(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(claims), key);

    internal static string Sign(byte[] header, byte[] claims, byte[] key) => SignParts(Encode(header), Encode(claims), key);

    /// <summary>Signs two parts that are already encoded, correctly or not.</summary>
    internal static string SignParts(string header, string claims, byte[] key)
    {
        var signed = $"{header}.{claims}";
        return $"{signed}.{Encode(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)))}";
    }

    /// <summary>A valid user token of exactly this many characters.</summary>
    internal static string OfLength(int length)
    {
        // The three lengths of white space in the header give every remainder that the claims cannot.
        foreach (var header in new[] { UserHeader, UserHeader.Replace(",", ", "), UserHeader.Replace(",", ",  ") })
        {
            for (var filler = length / 2; filler < length; filler++)
            {
                var token = Sign(header, Claims(("filler", $"\"{new string('x', filler)}\"")), UserKey);
                if (token.Length == length) return token;
                if (token.Length > length) break;
            }
        }

        throw new InvalidOperationException($"There is no token of {length} characters.");
    }

    internal static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    internal static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));
}
