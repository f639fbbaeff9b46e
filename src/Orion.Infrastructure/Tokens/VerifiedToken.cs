using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// The claims of a valid token. Whether its subject is authorized and its session exists is checked against the database later.
/// </summary>
/// <param name="Subject">The token's user (<c>sub</c>).</param>
/// <param name="IssuedAt">When it was minted (<c>iat</c>), to the second; up to a minute ahead of this clock.</param>
/// <param name="ExpiresAt">When it expires (<c>exp</c>), to the second.</param>
/// <param name="Session">
/// The only session that it gives access to (<c>sid</c>); null for a user token, which gives access to all of its subject's data.
/// </param>
public sealed record VerifiedToken(EmailAddress Subject, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, SessionId? Session);

/// <summary>The result of verifying a token: the token, or the reason why it is rejected.</summary>
public readonly record struct TokenVerification
{
    private TokenVerification(VerifiedToken? token, TokenRejection? rejection)
    {
        Token = token;
        Rejection = rejection;
    }

    /// <summary>The token; null if it is rejected.</summary>
    public VerifiedToken? Token { get; }

    /// <summary>Why the token is rejected, for the log only; null if it is valid.</summary>
    public TokenRejection? Rejection { get; }

    internal static TokenVerification Valid(VerifiedToken token) => new(token, null);

    internal static TokenVerification Rejected(TokenRejection rejection) => new(null, rejection);
}
