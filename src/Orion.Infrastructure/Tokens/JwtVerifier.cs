using System.Security.Cryptography;
using Orion.Application.Tokens;
using Orion.Domain;
using Orion.Infrastructure.Configuration;

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
    private static readonly TimeSpan ClockSkew = TokenCutoff.ClockSkew;

    private readonly SigningKeys _keys = new(settings);

    /// <summary>Verifies a token; any text may be given, and none makes it throw.</summary>
    /// <param name="token">The token in its compact form, without the scheme before it.</param>
    public TokenVerification Verify(ReadOnlySpan<char> token)
    {
        var findings = new TokenFindings(gathersAll: false);
        return Examine(token, ref findings, out _) is { } verified
            ? TokenVerification.Valid(verified)
            : TokenVerification.Refused(findings.First!.Value);
    }

    /// <summary>
    /// Examines a token as <see cref="Verify"/> does, and goes on where that stops: for an operator who wants to know everything that
    /// is wrong with one. Any text may be given, and none makes it throw.
    /// </summary>
    /// <param name="token">The token in its compact form, without the scheme before it.</param>
    public TokenInspection Inspect(ReadOnlySpan<char> token)
    {
        var findings = new TokenFindings(gathersAll: true);
        var verified = Examine(token, ref findings, out var claims);
        return new TokenInspection(findings, verified, claims, clock.GetUtcNow());
    }

    /// <summary>The token, or null where something was found.</summary>
    private VerifiedToken? Examine(ReadOnlySpan<char> token, ref TokenFindings findings, out TokenClaims claims)
    {
        claims = default;
        // Before anything is put on the stack that is as long as the token.
        if (token.Length > MaxLength) return findings.End(TokenRejection.TooLong);
        if (!JwtParts.TrySplit(token, out var parts)) return findings.End(TokenRejection.Malformed);

        Span<byte> buffer = stackalloc byte[token.Length];
        // The header only tells which keys to try. The claims are not looked at until one of them has fitted.
        var header = JwtParts.Decode(parts.Header, buffer);
        if (TokenHeader.Read(header) is not { } kind) return findings.End(TokenRejection.Header);
        if (!IsSigned(parts, kind, buffer) && findings.Add(TokenRejection.Signature)) return null;

        claims = new TokenClaims(settings, kind);
        claims.Read(JwtParts.Decode(parts.Claims, buffer), ref findings);
        if (claims is { IssuedAt: { } issuedAt, ExpiresAt: { } expiresAt } && findings.GoesOn)
            CheckDates(issuedAt, expiresAt, claims.NotBefore, kind, ref findings);

        return findings.First is null
            ? new VerifiedToken(claims.Subject!, claims.IssuedAt!.Value, claims.ExpiresAt!.Value, claims.Session)
            : null;
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

    private void CheckDates(
        DateTimeOffset issuedAt, DateTimeOffset expiresAt, DateTimeOffset? notBefore, TokenKind kind, ref TokenFindings findings)
    {
        var now = clock.GetUtcNow();
        var longest = kind is TokenKind.Session ? SessionTokenLifetime.Longest : settings.UserTokenMaxLifetime;
        var lifetime = expiresAt - issuedAt;

        if ((lifetime <= TimeSpan.Zero || lifetime > longest || notBefore >= expiresAt) && findings.Add(TokenRejection.Lifetime)) return;
        if ((issuedAt - now > ClockSkew || notBefore - now > ClockSkew) && findings.Add(TokenRejection.NotYetValid)) return;
        if (now >= expiresAt) findings.Add(TokenRejection.Expired);
    }
}
