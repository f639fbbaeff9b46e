using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Users;

/// <summary>
/// Whether a caller's token counts, as the database says it now. What lasts is decided on this, and never on
/// <see cref="IAuthorizedUserCache"/>, which remembers. A refusal makes this instance forget what it remembered of the caller.
/// </summary>
public interface IAccessCheck
{
    /// <summary>Why the token does not count any more; null where it counts, and for the operator, who has none.</summary>
    Task<Error?> FindRefusal(Caller caller, CancellationToken cancellationToken);

    /// <summary>The caller's session, read in the same statement as what the token depends on.</summary>
    /// <returns>The session, not to be changed; or why the token does not count any more, or <see cref="SessionErrors.NotFound"/>.</returns>
    Task<Result<Session>> FindSession(SessionId id, Caller caller, CancellationToken cancellationToken);
}
