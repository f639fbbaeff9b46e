using Orion.Domain.Users;

namespace Orion.Infrastructure.Tokens;

/// <summary>What one check said of a token.</summary>
public enum TokenVerdict
{
    /// <summary>Nothing is wrong here.</summary>
    Passed,

    /// <summary>The token is refused for this.</summary>
    Failed,

    /// <summary>There was nothing to examine, because of another finding.</summary>
    NotReached,
}

/// <summary>Everything that was found about a token, check by check: for the operator alone, who has it in the hand already.</summary>
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

    /// <summary>The token, where nothing is wrong with it.</summary>
    public VerifiedToken? Token { get; }

    /// <summary>When it was examined.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Who it says it is from (<c>sub</c>), proven or not; null where that is not to be read.</summary>
    public EmailAddress? Subject { get; }

    /// <summary>When it says it was minted (<c>iat</c>), proven or not.</summary>
    public DateTimeOffset? IssuedAt { get; }

    /// <summary>When it says it ends (<c>exp</c>), proven or not.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>From when on it says it counts (<c>nbf</c>), proven or not.</summary>
    public DateTimeOffset? NotBefore { get; }

    /// <summary>The first of its dates that is in milliseconds instead of seconds; null where none is.</summary>
    public string? InMilliseconds { get; }

    /// <summary>Every check in the order in which they are made, named by what it refuses.</summary>
    public IReadOnlyList<(TokenRejection Check, TokenVerdict Verdict)> Checks { get; }

    private TokenVerdict VerdictOf(TokenRejection check, TokenFindings findings)
    {
        if (findings.Has(check)) return TokenVerdict.Failed;
        var needsDates = check is TokenRejection.Lifetime or TokenRejection.NotYetValid or TokenRejection.Expired;
        return check > findings.Last || (needsDates && (IssuedAt is null || ExpiresAt is null)) ? TokenVerdict.NotReached : TokenVerdict.Passed;
    }
}
