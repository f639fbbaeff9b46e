using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Application.Tokens;

/// <summary>Mints tokens (RFC 7519) that this service accepts.</summary>
public interface ITokenMinter
{
    /// <summary>Mints a user token.</summary>
    /// <param name="subject">The token's user.</param>
    /// <param name="lifetime">Whole seconds, from one second to the longest lifetime that the settings allow.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is out of range.</exception>
    MintedToken MintUserToken(EmailAddress subject, TimeSpan lifetime);

    /// <summary>
    /// Mints a token for one session of the caller. The use case has checked that the caller owns the session and may have a token for
    /// it.
    /// </summary>
    /// <param name="caller">The token's user.</param>
    /// <param name="session">The only session that the token gives access to.</param>
    /// <param name="issuedAt">
    /// The token's <c>iat</c>: an instant before the caller's access was read. A revocation that was not visible to that read then also
    /// revokes this token.
    /// </param>
    /// <param name="lifetime">Whole seconds, from one second to <see cref="SessionTokenLifetime.Max"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is out of range.</exception>
    MintedToken MintSessionToken(Caller caller, SessionId session, DateTimeOffset issuedAt, TimeSpan lifetime);
}

/// <summary>A minted token.</summary>
/// <param name="Token">The token in its compact form (RFC 7515, section 3.1): a credential that must not be logged.</param>
/// <param name="IssuedAt">Its <c>iat</c>, a whole second.</param>
/// <param name="ExpiresAt">Its <c>exp</c>.</param>
public sealed record MintedToken(string Token, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>Omits the token, so that a record in a log does not reveal it.</summary>
    public override string ToString() => nameof(MintedToken);
}
