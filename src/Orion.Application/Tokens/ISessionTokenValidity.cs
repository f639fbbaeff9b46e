using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Tokens;

/// <summary>
/// Whether session tokens are still valid, for every request with one. Results are cached briefly, so that most requests need no query.
/// Changes by this instance take effect immediately, those by other instances within 5 s. If a result cannot be refreshed by then, an
/// exception is thrown; the old result is never returned.
/// </summary>
public interface ISessionTokenValidity
{
    /// <summary>
    /// Returns the second from which on the session's tokens are valid; null if none is, because the session is archived, deleted or
    /// another user's.
    /// </summary>
    ValueTask<DateTimeOffset?> ValidFrom(SessionId session, Caller caller, CancellationToken cancellationToken);
}
