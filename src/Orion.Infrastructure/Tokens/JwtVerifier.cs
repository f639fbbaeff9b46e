using System.Security.Cryptography;
using Orion.Application.Tokens;
using Orion.Domain;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// Verifies tokens more strictly than RFC 7515, RFC 7519 and RFC 8725 require: it rejects unusual spellings instead of interpreting
/// them. It depends on the token and the clock only, and is thread-safe.
/// </summary>
public sealed class JwtVerifier
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 4096;

    // For iat and nbf, which come from another machine's clock. exp has no skew.
    private static readonly TimeSpan ClockSkew = TokenCutoff.ClockSkew;

    private readonly TokenSettings _settings;
    private readonly TimeProvider _clock;
    private readonly HmacKey[] _userKeys;
    private readonly HmacKey[] _sessionKeys;

    /// <summary>Creates a verifier with the keys of the settings.</summary>
    public JwtVerifier(TokenSettings settings, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        var keys = new SigningKeys(settings);
        _userKeys = [.. keys.User.Select(key => new HmacKey(key))];
        _sessionKeys = [.. keys.Session.Select(key => new HmacKey(key))];
    }

    /// <summary>Verifies a token. It never throws.</summary>
    /// <param name="token">The token in its compact form, without the scheme before it.</param>
    public TokenVerification Verify(ReadOnlySpan<char> token)
    {
        var findings = new TokenFindings(collectAll: false);
        return Examine(token, ref findings, out _) is { } verified
            ? TokenVerification.Valid(verified)
            : TokenVerification.Rejected(findings.First!.Value);
    }

    /// <summary>
    /// Verifies a token like <see cref="Verify"/>, but does not stop at the first finding, so that an operator sees all problems with it.
    /// It never throws.
    /// </summary>
    /// <param name="token">The token in its compact form, without the scheme before it.</param>
    public TokenInspection Inspect(ReadOnlySpan<char> token)
    {
        var findings = new TokenFindings(collectAll: true);
        var verified = Examine(token, ref findings, out var claims);
        return new TokenInspection(findings, verified, claims, _clock.GetUtcNow());
    }

    /// <summary>Returns the token, or null if there is a finding.</summary>
    private VerifiedToken? Examine(ReadOnlySpan<char> token, ref TokenFindings findings, out TokenClaims claims)
    {
        claims = default;
        // Must come before the buffers on the stack, which are as long as the token.
        if (token.Length > MaxLength) return findings.End(TokenRejection.TooLong);
        if (!JwtParts.TrySplit(token, out var parts)) return findings.End(TokenRejection.Malformed);

        Span<byte> buffer = stackalloc byte[token.Length];
        // The header only chooses the keys. The claims are read after the signature is verified.
        var header = JwtParts.Decode(parts.Header, buffer);
        if (TokenHeader.Read(header) is not { } kind) return findings.End(TokenRejection.Header);
        if (!IsSigned(parts, kind, buffer) && findings.Add(TokenRejection.Signature)) return null;

        claims = new TokenClaims(_settings, kind);
        claims.Read(JwtParts.Decode(parts.Claims, buffer), ref findings);
        if (claims is { IssuedAt: { } issuedAt, ExpiresAt: { } expiresAt } && !findings.HasEnded)
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
        foreach (var key in kind is TokenKind.Session ? _sessionKeys : _userKeys)
        {
            key.Sign(signed, expected);
            if (CryptographicOperations.FixedTimeEquals(given, expected)) return true;
        }

        return false;
    }

    private void CheckDates(
        DateTimeOffset issuedAt, DateTimeOffset expiresAt, DateTimeOffset? notBefore, TokenKind kind, ref TokenFindings findings)
    {
        var now = _clock.GetUtcNow();
        var longest = kind is TokenKind.Session ? SessionTokenLifetime.Max : _settings.UserTokenMaxLifetime;
        var lifetime = expiresAt - issuedAt;

        if ((lifetime <= TimeSpan.Zero || lifetime > longest || notBefore >= expiresAt) && findings.Add(TokenRejection.Lifetime)) return;
        if ((issuedAt - now > ClockSkew || notBefore - now > ClockSkew) && findings.Add(TokenRejection.NotYetValid)) return;
        if (now >= expiresAt) findings.Add(TokenRejection.Expired);
    }
}
