using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Application.Tokens;

/// <summary>Mints tokens (RFC 7519). What it mints, this service accepts until it expires.</summary>
public interface ITokenMinter
{
    /// <summary>Mints a token that reaches everything of its subject.</summary>
    /// <param name="subject">Whose token it is.</param>
    /// <param name="lifetime">Whole seconds, from one second to the longest lifetime that the settings allow.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is none of these.</exception>
    MintedToken MintUserToken(EmailAddress subject, TimeSpan lifetime);

    /// <summary>
    /// Mints a token that reaches one session of the caller. Whether the caller owns the session and may have a token for it is
    /// for the use case to decide, before.
    /// </summary>
    /// <param name="caller">Whose token it is.</param>
    /// <param name="session">The one session that the token reaches.</param>
    /// <param name="issuedAt">
    /// The token's <c>iat</c>: an instant before the caller's rights were read. What ends them later then also ends the token, however
    /// long the answer of the database was on its way.
    /// </param>
    /// <param name="lifetime">Whole seconds, from one second to <see cref="SessionTokenLifetime.Longest"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is none of these.</exception>
    MintedToken MintSessionToken(Caller caller, SessionId session, DateTimeOffset issuedAt, TimeSpan lifetime);
}

/// <summary>A token that was just signed.</summary>
/// <param name="Token">The token in its compact form (RFC 7515, section 3.1): a credential, not for logs.</param>
/// <param name="IssuedAt">Its <c>iat</c>: the whole second it was minted in.</param>
/// <param name="ExpiresAt">Its <c>exp</c>: from this instant on it is refused.</param>
public sealed record MintedToken(string Token, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>Tokens stay out of logs, also when somebody prints the record.</summary>
    public override string ToString() => nameof(MintedToken);
}
