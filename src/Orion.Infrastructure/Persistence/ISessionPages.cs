using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>
/// Reads a caller's list of sessions: the request that a frontend makes most, and so the one that has a reader of its own for
/// PostgreSQL (docs/performance.md).
/// </summary>
internal interface ISessionPages
{
    /// <summary>One page of the caller's sessions in the order of the list.</summary>
    Task<Page<Session>> Read(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken);
}
