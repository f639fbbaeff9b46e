using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Tokens;

/// <summary>
/// Whether session tokens are still valid, for every request with one. Results are cached briefly, so that most requests cost no query.
/// Changes by this instance take effect at once, those by other instances within 5 s. A result that cannot be renewed after that is an
/// exception, never the old result.
/// </summary>
public interface ISessionTokenValidity
{
    /// <summary>
    /// Returns the second from which on the session's tokens are valid; null if none is, because the session is archived, deleted or
    /// another user's.
    /// </summary>
    ValueTask<DateTimeOffset?> ValidFrom(SessionId session, Caller caller, CancellationToken cancellationToken);
}
