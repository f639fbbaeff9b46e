using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Application.Import;

/// <summary>Finds the sessions of an import: locked for update, or untracked for a dry run, which changes them but saves nothing.</summary>
internal static class ImportLookup
{
    internal static Task<IReadOnlyList<Session>> FindAll(
        this Caller caller, ISessions sessions, IReadOnlyList<SessionId> ids, bool dryRun, CancellationToken cancellationToken) =>
        dryRun ? sessions.FindAll(ids, caller, cancellationToken) : sessions.FindAllForUpdate(ids, caller, cancellationToken);
}
