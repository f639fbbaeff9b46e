namespace Orion.Domain.Users;

/// <summary>Who put someone on the allow-list.</summary>
public enum AuthorizationSource
{
    /// <summary>The operator's settings: the owner.</summary>
    Configuration,

    /// <summary>The operator's command line.</summary>
    Granted,
}

/// <summary>
/// Someone who is, or was, on the allow-list. Nobody is forgotten: a revoked entry remembers that tokens from before do not
/// count when its person comes back.
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

    /// <summary>What this person's rows carry as owner.</summary>
    public UserId Id { get; private set; }

    /// <summary>What this person's tokens carry as subject.</summary>
    public EmailAddress Email { get; private set; }

    /// <summary>Who put this person on the list.</summary>
    public AuthorizationSource Source { get; private set; }

    /// <summary>Since when (the last time) this person is on the list.</summary>
    public DateTimeOffset AuthorizedAt { get; private set; }

    /// <summary>When this person was taken off the list; null while on it.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>Tokens issued before this whole second do not count.</summary>
    public DateTimeOffset TokensValidFrom { get; private set; }

    /// <summary>Whether this person is on the list.</summary>
    public bool IsAuthorized => RevokedAt is null;

    /// <summary>Puts someone on the list for the first time; tokens minted earlier count.</summary>
    public static AuthorizedUser Authorize(EmailAddress email, AuthorizationSource source, DateTimeOffset now) =>
        new(UserId.New(now), email, source, now);

    /// <summary>
    /// Puts this person on the list again, or hands the entry to another source. Someone who had been taken off starts with all
    /// earlier tokens refused.
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

    /// <summary>Takes this person off the list.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Revoke(DateTimeOffset now)
    {
        if (!IsAuthorized) return false;
        RevokedAt = now;
        return true;
    }

    /// <summary>
    /// Refuses every token issued up to now. Tokens tell whole seconds, so that the second under way is refused as a whole:
    /// a token works again when it is issued at <see cref="TokensValidFrom"/> or later.
    /// </summary>
    public void SignOutEverywhere(DateTimeOffset now)
    {
        var nextSecond = now.NextSecond();
        if (nextSecond > TokensValidFrom) TokensValidFrom = nextSecond;
    }

    /// <summary>
    /// The same where a clock ran ahead when tokens were refused before, so that they would be refused until then: they count from the
    /// next second on. A token that the other clock dated counts again when its own second comes, so only the operator decides this.
    /// </summary>
    public void SignOutByThisClock(DateTimeOffset now) => TokensValidFrom = TokenCutoff.After(TokensValidFrom, now);

    /// <summary>Whether a token issued at that second counts.</summary>
    public bool Accepts(DateTimeOffset issuedAt) => issuedAt >= TokensValidFrom;
}
