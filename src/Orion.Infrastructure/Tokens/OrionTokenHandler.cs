using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// Verifies with <see cref="JwtVerifier"/> in the form that ASP.NET's JwtBearer expects: its handler asks this one and no other. The <see cref="TokenValidationParameters"/> have no say. A result is valid and has an <see cref="OrionSecurityToken"/> and an
/// identity with <c>sub</c> and perhaps <c>sid</c>, or has a <see cref="TokenRejectedException"/>, which was not thrown.
/// </summary>
public sealed class OrionTokenHandler(JwtVerifier verifier) : TokenHandler
{
    private const string AuthenticationType = "Bearer";

    /// <inheritdoc/>
    public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var verification = verifier.Verify(token);
        return Task.FromResult(verification.Token is { } verified ? Valid(verified) : Refused(verification.Rejection!.Value));
    }

    private static TokenValidationResult Valid(VerifiedToken token) =>
        new() { IsValid = true, SecurityToken = new OrionSecurityToken(token), ClaimsIdentity = IdentityOf(token) };

    private static TokenValidationResult Refused(TokenRejection rejection) =>
        new() { IsValid = false, Exception = new TokenRejectedException(rejection) };

    private static ClaimsIdentity IdentityOf(VerifiedToken token)
    {
        var identity = new ClaimsIdentity(AuthenticationType, JwtRegisteredClaimNames.Sub, ClaimsIdentity.DefaultRoleClaimType);
        identity.AddClaim(new Claim(JwtRegisteredClaimNames.Sub, token.Subject.Value));
        if (token.Session is { } session) identity.AddClaim(new Claim(JwtRegisteredClaimNames.Sid, session.ToString()));
        return identity;
    }
}

/// <summary>Carries a verified token through JwtBearer, so that nobody has to read it a second time.</summary>
public sealed class OrionSecurityToken(VerifiedToken token) : SecurityToken
{
    /// <summary>The token.</summary>
    public VerifiedToken Token { get; } = token;

    /// <summary>Empty: Orion's tokens have no <c>jti</c>.</summary>
    public override string Id => string.Empty;

    /// <summary>Empty: there is one issuer, and it has been checked.</summary>
    public override string Issuer => string.Empty;

    /// <summary>None: keys stay with the verifier.</summary>
    public override SecurityKey? SecurityKey => null;

    /// <summary>None: keys stay with the verifier.</summary>
    public override SecurityKey? SigningKey { get; set; }

    /// <summary>The <c>iat</c>, in UTC.</summary>
    public override DateTime ValidFrom => Token.IssuedAt.UtcDateTime;

    /// <summary>The <c>exp</c>, in UTC.</summary>
    public override DateTime ValidTo => Token.ExpiresAt.UtcDateTime;
}

/// <summary>Why a token was refused. Its message holds nothing of the token.</summary>
public sealed class TokenRejectedException(TokenRejection rejection) : SecurityTokenException($"The token was refused: {rejection}.")
{
    /// <summary>The reason, for the log only.</summary>
    public TokenRejection Rejection { get; } = rejection;
}
