using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Application.Messaging;

/// <summary>
/// The user on whose behalf a request runs. Every port that accesses owned rows requires a caller, so that no query can omit the owner.
/// </summary>
/// <param name="Id">The owner of all rows that the request can reach.</param>
/// <param name="Email">The owner's address, as clients see it.</param>
/// <param name="Scope">The only session that the request can reach (a session token's <c>sid</c>); null for all of the owner's sessions.</param>
/// <param name="TokenIssuedAt">
/// The <c>iat</c> of the presented token. Every write compares it with the user's row. Null for the operator, who acts for the owner
/// without a token.
/// </param>
public sealed record Caller(UserId Id, EmailAddress Email, SessionId? Scope = null, DateTimeOffset? TokenIssuedAt = null)
{
    /// <summary>Whether a text is the caller's address.</summary>
    public bool HasAddress(string text) => EmailAddress.TryParse(text, out var address) && address == Email;
}
