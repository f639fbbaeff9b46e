using Orion.Application.Requests;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Application.Transfer;

/// <summary>Finding sessions to go on with, or only to look at: then they are copies that nobody saves.</summary>
internal static class Looking
{
    internal static Task<IReadOnlyList<Session>> FindAll(
        this Caller caller, ISessions sessions, IReadOnlyList<SessionId> ids, bool onlyLook, CancellationToken cancellationToken) =>
        onlyLook ? sessions.FindAll(ids, caller, cancellationToken) : sessions.FindAllForChange(ids, caller, cancellationToken);
}
