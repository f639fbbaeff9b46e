using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// Reads a caller's list of sessions. Frontends send this request more than any other, so PostgreSQL has its own implementation
/// (docs/adr/0010-lists-of-sessions-are-read-past-ef-core.md).
/// </summary>
internal interface ISessionPages
{
    /// <summary>One page of the caller's sessions, in the order of the list.</summary>
    Task<Page<Session>> Read(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken);
}
