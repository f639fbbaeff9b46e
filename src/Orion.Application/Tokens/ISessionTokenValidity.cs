using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Tokens;

/// <summary>
/// Which session tokens still count, as every request with one asks: remembered for a moment, so that it costs no query. What this
/// instance changes counts at once, what another one changes within 5 s; an answer that cannot be renewed after that is an
/// exception, never the old answer.
/// </summary>
public interface ISessionTokenValidity
{
    /// <summary>
    /// The second from which on a session's tokens count; null where none does, because the session is archived, deleted or not the
    /// caller's.
    /// </summary>
    ValueTask<DateTimeOffset?> ValidFrom(SessionId session, Caller caller, CancellationToken cancellationToken);
}
