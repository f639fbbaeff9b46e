using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Users;

/// <summary>
/// Checks in the database whether a caller's token is still valid. Everything with a lasting effect uses this check, never
/// <see cref="IAuthorizedUserCache"/>. A rejection removes the caller from this instance's caches.
/// </summary>
public interface IAccessCheck
{
    /// <summary>Returns the error if the token is no longer valid; null if it is valid, and for the operator, who has no token.</summary>
    Task<Error?> FindRejection(Caller caller, CancellationToken cancellationToken);

    /// <summary>Reads the caller's session and checks the token in the same statement.</summary>
    /// <returns>
    /// The session, which must not be changed; or the error if the token is no longer valid, or <see cref="SessionErrors.NotFound"/>.
    /// </returns>
    Task<Result<Session>> FindSession(SessionId id, Caller caller, CancellationToken cancellationToken);
}
