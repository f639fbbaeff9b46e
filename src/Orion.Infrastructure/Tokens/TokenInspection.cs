using Orion.Domain.Users;

namespace Orion.Infrastructure.Tokens;

/// <summary>The result of one check of a token.</summary>
public enum TokenVerdict
{
    /// <summary>The check found nothing wrong.</summary>
    Passed,

    /// <summary>The check rejects the token.</summary>
    Failed,

    /// <summary>The check was not made, because of another finding.</summary>
    NotReached,
}

/// <summary>All findings about a token, check by check. For the operator only.</summary>
public sealed class TokenInspection
{
    internal TokenInspection(TokenFindings findings, VerifiedToken? verified, TokenClaims claims, DateTimeOffset now)
    {
        Token = verified;
        Now = now;
        Subject = claims.Subject;
        IssuedAt = claims.IssuedAt;
        ExpiresAt = claims.ExpiresAt;
        NotBefore = claims.NotBefore;
        InMilliseconds = claims.InMilliseconds;
        Checks = [.. Enum.GetValues<TokenRejection>().Select(check => (check, VerdictOf(check, findings)))];
    }

    /// <summary>The token; null if a check failed.</summary>
    public VerifiedToken? Token { get; }

    /// <summary>When the token was examined.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The <c>sub</c>, not necessarily verified; null if it cannot be read.</summary>
    public EmailAddress? Subject { get; }

    /// <summary>The <c>iat</c>, not necessarily verified; null if it cannot be read.</summary>
    public DateTimeOffset? IssuedAt { get; }

    /// <summary>The <c>exp</c>, not necessarily verified; null if it cannot be read.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>The <c>nbf</c>, not necessarily verified; null if there is none or it cannot be read.</summary>
    public DateTimeOffset? NotBefore { get; }

    /// <summary>The name of the first date that is in milliseconds instead of seconds; null if there is none.</summary>
    public string? InMilliseconds { get; }

    /// <summary>All checks in their order, named by what they reject.</summary>
    public IReadOnlyList<(TokenRejection Check, TokenVerdict Verdict)> Checks { get; }

    private TokenVerdict VerdictOf(TokenRejection check, TokenFindings findings)
    {
        if (findings.Has(check)) return TokenVerdict.Failed;
        var needsDates = check is TokenRejection.Lifetime or TokenRejection.NotYetValid or TokenRejection.Expired;
        return check > findings.Last || (needsDates && (IssuedAt is null || ExpiresAt is null)) ? TokenVerdict.NotReached : TokenVerdict.Passed;
    }
}
