using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Builds user tokens as the frontend's server does, and session tokens, without Orion's own minter.</summary>
public sealed record TestToken
{
    /// <summary>The secret of all test servers.</summary>
    public const string SharedSecret = "s3cret-of-the-tests-0f8e1c5a9b7d2436-and-nothing-else";

    /// <summary>The header of a session token.</summary>
    public const string SessionHeader = """{"alg":"HS256","typ":"orion-session+jwt"}""";

    public const string Issuer = "https://app.example.com";
    public const string Audience = "orion-core";

    /// <summary>The secret, whose UTF-8 bytes are the key unless <see cref="Key"/> is set.</summary>
    public string Secret { get; init; } = SharedSecret;

    /// <summary>Another key.</summary>
    public byte[]? Key { get; init; }

    /// <summary>The header, as JSON text.</summary>
    public string Header { get; init; } = """{"alg":"HS256","typ":"JWT"}""";

    /// <summary>The claims. One with a null value is left out.</summary>
    public IReadOnlyDictionary<string, object?> Claims { get; private init; } = new Dictionary<string, object?>();

    /// <summary>A token that is valid for an hour.</summary>
    public static TestToken For(string email, TimeProvider? clock = null)
    {
        var now = (clock ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        return new TestToken
        {
            Claims = new Dictionary<string, object?>
            {
                ["iss"] = Issuer,
                ["aud"] = Audience,
                ["sub"] = email,
                ["iat"] = now,
                ["exp"] = now + 3600,
            },
        };
    }

    /// <summary>A session token that is valid for five minutes, as Orion mints it.</summary>
    public static TestToken ForSession(string email, string session, TimeProvider? clock = null)
    {
        var token = For(email, clock).With("sid", session);
        return token.With("exp", (long)token.Claims["iat"]! + 300) with { Header = SessionHeader, Key = SessionKeyOf(SharedSecret) };
    }

    /// <summary>The key of session tokens (HKDF-SHA-256), by RFC 5869's own formula.</summary>
    public static byte[] SessionKeyOf(string secret, string info = "orion/session-token/v1") => HMACSHA256.HashData(
        HMACSHA256.HashData(new byte[HMACSHA256.HashSizeInBytes], Encoding.UTF8.GetBytes(secret)), (byte[])[.. Encoding.UTF8.GetBytes(info), 1]);

    /// <summary>The claims of a token, unverified.</summary>
    public static JsonElement ClaimsOf(string token) => JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement.Clone();

    /// <summary>A copy with another value of one claim; null removes the claim.</summary>
    public TestToken With(string claim, object? value) => this with { Claims = new Dictionary<string, object?>(Claims) { [claim] = value } };

    /// <summary>A copy that was issued and expires earlier.</summary>
    public TestToken Older(TimeSpan by) => With("iat", (long)Claims["iat"]! - (long)by.TotalSeconds).With("exp", (long)Claims["exp"]! - (long)by.TotalSeconds);

    /// <summary>The three parts, signed with HMAC-SHA-256 regardless of the header.</summary>
    public override string ToString()
    {
        var claims = JsonSerializer.Serialize(Claims.Where(claim => claim.Value is not null).ToDictionary());
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Key ?? Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The token with <c>alg: none</c> and without a signature.</summary>
    public string WithoutSignature() => (this with { Header = """{"alg":"none","typ":"JWT"}""" }).ToString().Split('.') is [var header, var claims, _]
        ? $"{header}.{claims}."
        : throw new InvalidOperationException();
}
