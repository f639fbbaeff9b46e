namespace Orion.Domain.Users;

/// <summary>How a user was authorized.</summary>
public enum AuthorizationSource
{
    /// <summary>By the settings. This user is the owner.</summary>
    Configuration,

    /// <summary>By the command line.</summary>
    Granted,
}

/// <summary>
/// An entry in the allow-list: a user that is or was authorized. Revoked entries remain, so that old tokens stay invalid if the user is
/// authorized again.
/// </summary>
public sealed class AuthorizedUser
{
    private AuthorizedUser(UserId id, EmailAddress email, AuthorizationSource source, DateTimeOffset authorizedAt)
    {
        Id = id;
        Email = email;
        Source = source;
        AuthorizedAt = authorizedAt;
        TokensValidFrom = DateTimeOffset.UnixEpoch;
    }

    /// <summary>The owner id of the user's data.</summary>
    public UserId Id { get; private set; }

    /// <summary>The subject of the user's tokens.</summary>
    public EmailAddress Email { get; private set; }

    /// <summary>How the user was authorized.</summary>
    public AuthorizationSource Source { get; private set; }

    /// <summary>When the user was last authorized.</summary>
    public DateTimeOffset AuthorizedAt { get; private set; }

    /// <summary>When the authorization was revoked; null if it was not.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>Tokens issued before this whole second are invalid.</summary>
    public DateTimeOffset TokensValidFrom { get; private set; }

    /// <summary>Whether the user is authorized.</summary>
    public bool IsAuthorized => RevokedAt is null;

    /// <summary>Authorizes a user for the first time. Tokens issued earlier are valid.</summary>
    public static AuthorizedUser Authorize(EmailAddress email, AuthorizationSource source, DateTimeOffset now) =>
        new(UserId.New(now), email, source, now);

    /// <summary>
    /// Authorizes the user again, or changes the source. If the authorization was revoked, all tokens issued up to now are revoked, too.
    /// </summary>
    /// <returns>Whether anything changed.</returns>
    public bool AuthorizeAgain(AuthorizationSource source, DateTimeOffset now)
    {
        if (IsAuthorized && Source == source) return false;

        Source = source;
        if (!IsAuthorized)
        {
            RevokedAt = null;
            AuthorizedAt = now;
            SignOutEverywhere(now);
        }

        return true;
    }

    /// <summary>Revokes the authorization.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Revoke(DateTimeOffset now)
    {
        if (!IsAuthorized) return false;
        RevokedAt = now;
        return true;
    }

    /// <summary>
    /// Revokes all tokens issued up to now. Tokens are dated in whole seconds, so those of the whole current second are revoked: a token
    /// is valid if it is issued at <see cref="TokensValidFrom"/> or later.
    /// </summary>
    public void SignOutEverywhere(DateTimeOffset now)
    {
        var nextSecond = now.NextSecond();
        if (nextSecond > TokensValidFrom) TokensValidFrom = nextSecond;
    }

    /// <summary>
    /// Revokes all tokens issued up to now, and replaces a cutoff in the future that a fast clock has set. A token that the fast clock
    /// dated becomes valid when its second is reached, so only the operator can request this.
    /// </summary>
    public void ResetTokenCutoff(DateTimeOffset now) => TokensValidFrom = TokenCutoff.After(TokensValidFrom, now);

    /// <summary>Whether a token issued at that second is valid.</summary>
    public bool Accepts(DateTimeOffset issuedAt) => issuedAt >= TokensValidFrom;
}
