using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Application.Import;

/// <summary>Finding sessions to go on with, or only to look at: then they are copies that nobody saves.</summary>
internal static class ImportLookup
{
    internal static Task<IReadOnlyList<Session>> FindAll(
        this Caller caller, ISessions sessions, IReadOnlyList<SessionId> ids, bool dryRun, CancellationToken cancellationToken) =>
        dryRun ? sessions.FindAll(ids, caller, cancellationToken) : sessions.FindAllForUpdate(ids, caller, cancellationToken);
}
