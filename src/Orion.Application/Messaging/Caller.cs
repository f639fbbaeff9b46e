using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Application.Messaging;

/// <summary>
/// On whose behalf a request runs. Every port that reaches owned rows takes one, so that nothing can be read or written
/// without saying whose it is.
/// </summary>
/// <param name="Id">The owner of all that the request may touch.</param>
/// <param name="Email">The owner's address, as clients see it.</param>
/// <param name="Scope">The one session that the request may touch (a session token's <c>sid</c>); null for all of the owner's.</param>
/// <param name="TokenIssuedAt">
/// The <c>iat</c> of the token that the caller presents: every write compares it with what the database says at that moment. Null for the
/// operator, who acts on the owner's behalf without a token.
/// </param>
public sealed record Caller(UserId Id, EmailAddress Email, SessionId? Scope = null, DateTimeOffset? TokenIssuedAt = null);
