using System.Security.Cryptography;
using Orion.Application.Tokens;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// Verifies tokens as the contract's section 2 reads them, which is stricter than RFC 7515, RFC 7519 and RFC 8725 ask for: what is
/// spelled in an unusual way is refused rather than understood. It reads nothing but the token and the clock, and any number of
/// threads may use one at once.
/// </summary>
public sealed class JwtVerifier(TokenSettings settings, TimeProvider clock)
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 4096;

    // For iat and nbf, which another machine's clock may have written. A token's end is this clock's alone.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private readonly SigningKeys _keys = new(settings);

    /// <summary>Verifies a token; any text may be given, and none makes it throw.</summary>
    /// <param name="token">The token in its compact form, without the scheme before it.</param>
    public TokenVerification Verify(ReadOnlySpan<char> token)
    {
        // Before anything is put on the stack that is as long as the token.
        if (token.Length > MaxLength) return TokenVerification.Refused(TokenRejection.TooLong);
        if (!JwtParts.TrySplit(token, out var parts)) return TokenVerification.Refused(TokenRejection.Malformed);

        Span<byte> buffer = stackalloc byte[token.Length];
        // The header only tells which keys to try. The claims are not looked at until one of them has fitted.
        var header = JwtParts.Decode(parts.Header, buffer);
        if (TokenHeader.Read(header) is not { } kind) return TokenVerification.Refused(TokenRejection.Header);
        if (!IsSigned(parts, kind, buffer)) return TokenVerification.Refused(TokenRejection.Signature);

        var claims = new TokenClaims(settings, kind);
        var rejection = claims.Read(JwtParts.Decode(parts.Claims, buffer)) ?? CheckDates(claims, kind);
        if (rejection is { } reason) return TokenVerification.Refused(reason);

        var verified = new VerifiedToken(claims.Subject!, claims.IssuedAt!.Value, claims.ExpiresAt!.Value, claims.Session);
        return TokenVerification.Valid(verified);
    }

    private bool IsSigned(JwtParts parts, TokenKind kind, Span<byte> buffer)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> signature = stackalloc byte[parts.Signature.Length];
        var given = JwtParts.Decode(parts.Signature, signature);
        if (given.Length != expected.Length) return false;

        var signed = parts.CopySigned(buffer);
        foreach (var key in kind is TokenKind.Session ? _keys.Session : _keys.User)
        {
            HMACSHA256.HashData(key, signed, expected);
            if (CryptographicOperations.FixedTimeEquals(given, expected)) return true;
        }

        return false;
    }

    private TokenRejection? CheckDates(in TokenClaims claims, TokenKind kind)
    {
        var now = clock.GetUtcNow();
        var longest = kind is TokenKind.Session ? SessionTokenLifetime.Longest : settings.UserTokenMaxLifetime;
        var lifetime = claims.ExpiresAt!.Value - claims.IssuedAt!.Value;

        if (lifetime <= TimeSpan.Zero || lifetime > longest) return TokenRejection.Lifetime;
        if (claims.IssuedAt - now > ClockSkew || claims.NotBefore - now > ClockSkew) return TokenRejection.NotYetValid;
        return now >= claims.ExpiresAt ? TokenRejection.Expired : null;
    }
}
