using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orion.Domain;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Tokens;

/// <summary>The rules that the library enforces after <see cref="JwtVerifier"/>: signature, issuer, audience and lifetime.</summary>
public static class LibraryValidation
{
    /// <summary>Creates the library's parameters from the settings.</summary>
    public static TokenValidationParameters Create(TokenSettings settings, TimeProvider clock)
    {
        var keys = new SigningKeys(settings);
        SecurityKey[] userKeys = [.. keys.User.Select(key => new SymmetricSecurityKey(key))];
        SecurityKey[] sessionKeys = [.. keys.Session.Select(key => new SymmetricSecurityKey(key))];
        return new TokenValidationParameters
        {
            ValidIssuer = settings.Issuer,
            ValidAudience = settings.Audience,
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            // The typ chooses the keys, so that neither kind of token can replace the other.
            IssuerSigningKeyResolver = (_, token, _, _) => token is JsonWebToken { Typ: TokenHeader.SessionType } ? sessionKeys : userKeys,
            ClockSkew = TokenCutoff.ClockSkew,
            // The library's own check reads the system clock.
            LifetimeValidator = (notBefore, expires, _, parameters) =>
                IsCurrent(notBefore, expires, clock.GetUtcNow().UtcDateTime, parameters.ClockSkew),
            LogValidationExceptions = false,
        };
    }

    private static bool IsCurrent(DateTime? notBefore, DateTime? expires, DateTime now, TimeSpan skew) =>
        expires is { } end && !(notBefore > end) && now - end <= skew && !(notBefore - now > skew);
}
