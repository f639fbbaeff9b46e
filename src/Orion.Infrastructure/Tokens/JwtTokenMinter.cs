using System.IdentityModel.Tokens.Jwt;
using Microsoft.IdentityModel.Tokens;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Tokens;

/// <summary>Mints tokens that <see cref="JwtVerifier"/> accepts, with the current keys only.</summary>
public sealed class JwtTokenMinter : ITokenMinter
{
    private readonly TokenSettings _settings;
    private readonly TimeProvider _clock;
    private readonly SigningCredentials _userCredentials;
    private readonly SigningCredentials _sessionCredentials;

    /// <summary>Creates a minter that signs with the keys of the settings.</summary>
    public JwtTokenMinter(TokenSettings settings, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        var keys = new SigningKeys(settings);
        _userCredentials = CredentialsOf(keys.User[0]);
        _sessionCredentials = CredentialsOf(keys.Session[0]);
    }

    /// <inheritdoc/>
    public MintedToken MintUserToken(EmailAddress subject, TimeSpan lifetime) =>
        Mint(HeaderOf(_userCredentials, TokenHeader.UserType), subject, null, _clock.GetUtcNow(), lifetime, _settings.UserTokenMaxLifetime);

    /// <inheritdoc/>
    public MintedToken MintSessionToken(Caller caller, SessionId session, DateTimeOffset issuedAt, TimeSpan lifetime) =>
        Mint(HeaderOf(_sessionCredentials, TokenHeader.SessionType), caller.Email, session, issuedAt, lifetime, SessionTokenLifetime.Max);

    private MintedToken Mint(JwtHeader header, EmailAddress subject, SessionId? session, DateTimeOffset now, TimeSpan lifetime, TimeSpan longest)
    {
        // The verifier would reject anything else.
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, longest);
        ArgumentOutOfRangeException.ThrowIfNotEqual(lifetime.Ticks % TimeSpan.TicksPerSecond, 0, nameof(lifetime));

        // Truncated, not rounded: the token must not be from the future.
        var issuedAt = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var expiresAt = issuedAt + lifetime;
        var claims = new JwtPayload
        {
            [JwtRegisteredClaimNames.Iss] = _settings.Issuer,
            [JwtRegisteredClaimNames.Aud] = _settings.Audience,
            [JwtRegisteredClaimNames.Sub] = subject.Value,
            [JwtRegisteredClaimNames.Iat] = issuedAt.ToUnixTimeSeconds(),
            [JwtRegisteredClaimNames.Exp] = expiresAt.ToUnixTimeSeconds(),
        };
        if (session is { } id) claims[JwtRegisteredClaimNames.Sid] = id.Value.ToString();

        // The handler is not documented as thread-safe, and costs little.
        var token = new JwtSecurityTokenHandler().WriteToken(new JwtSecurityToken(header, claims));
        return new MintedToken(token, issuedAt, expiresAt);
    }

    private static JwtHeader HeaderOf(SigningCredentials credentials, string type) =>
        new(credentials, outboundAlgorithmMap: null, tokenType: type);

    private static SigningCredentials CredentialsOf(byte[] key) => new(new SymmetricSecurityKey(key), SecurityAlgorithms.HmacSha256);
}
