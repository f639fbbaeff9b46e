using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// Verifies tokens for JwtBearer. <see cref="JwtVerifier"/> reads a token strictly; the library then verifies the signature and the
/// registered claims of what it accepts (ADR 14). A token is valid only if both accept it, so the parameters cannot loosen the rules.
/// </summary>
/// <remarks>
/// A valid result has a <see cref="TokenIdentity"/>. An invalid result has a <see cref="TokenRejectedException"/>, which is not thrown, or
/// an exception of the library.
/// </remarks>
public sealed class OrionTokenHandler(JwtVerifier verifier) : TokenHandler
{
    private readonly JsonWebTokenHandler _library = new();

    /// <inheritdoc/>
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var verification = verifier.Verify(token);
        if (verification.Token is not { } verified)
            return new TokenValidationResult { Exception = TokenRejectedException.For(verification.Rejection!.Value) };

        var result = await _library.ValidateTokenAsync(token, validationParameters);
        if (result.IsValid) result.ClaimsIdentity = new TokenIdentity(verified);
        return result;
    }
}

/// <summary>The identity of a verified token. Its claims are <c>sub</c> and, for a session token, <c>sid</c>.</summary>
public sealed class TokenIdentity(VerifiedToken token)
    : ClaimsIdentity(ClaimsOf(token), Scheme, JwtRegisteredClaimNames.Sub, DefaultRoleClaimType)
{
    private const string Scheme = "Bearer";

    /// <summary>The token.</summary>
    public VerifiedToken Token { get; } = token;

    private static Claim[] ClaimsOf(VerifiedToken token)
    {
        var subject = new Claim(JwtRegisteredClaimNames.Sub, token.Subject.Value);
        return token.Session is { } session ? [subject, new Claim(JwtRegisteredClaimNames.Sid, session.ToString())] : [subject];
    }
}

/// <summary>Why a token was rejected. The message contains no part of the token. It is a result, and never thrown.</summary>
public sealed class TokenRejectedException : SecurityTokenException
{
    private static readonly TokenRejectedException[] All =
        [.. Enum.GetValues<TokenRejection>().Select(rejection => new TokenRejectedException(rejection))];

    private TokenRejectedException(TokenRejection rejection)
        : base($"The token was rejected: {rejection}.") => Rejection = rejection;

    /// <summary>The exception for a reason.</summary>
    public static TokenRejectedException For(TokenRejection rejection) => All[(int)rejection];

    /// <summary>The reason, for the log only.</summary>
    public TokenRejection Rejection { get; }
}
