using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// What a valid token says. Its subject is not yet known to be authorized, nor its session to exist: that is for the allow-list
/// and the database.
/// </summary>
/// <param name="Subject">Whose token it is (<c>sub</c>).</param>
/// <param name="IssuedAt">When it was minted (<c>iat</c>), to the second; up to a minute ahead of this clock.</param>
/// <param name="ExpiresAt">From when on it is refused (<c>exp</c>), to the second.</param>
/// <param name="Session">
/// The one session that it reaches (<c>sid</c>); null for a user token, which reaches everything of its subject.
/// </param>
public sealed record VerifiedToken(EmailAddress Subject, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, SessionId? Session);

/// <summary>What came of verifying a token: either it is valid, or there is a reason why not.</summary>
public readonly record struct TokenVerification
{
    private TokenVerification(VerifiedToken? token, TokenRejection? rejection)
    {
        Token = token;
        Rejection = rejection;
    }

    /// <summary>The token; null where it was refused.</summary>
    public VerifiedToken? Token { get; }

    /// <summary>Why the token was refused, for the log only; null where it is valid.</summary>
    public TokenRejection? Rejection { get; }

    internal static TokenVerification Valid(VerifiedToken token) => new(token, null);

    internal static TokenVerification Refused(TokenRejection rejection) => new(null, rejection);
}
