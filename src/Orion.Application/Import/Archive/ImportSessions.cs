using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Archive;

/// <summary>Imports sessions of an archive without their messages. Existing sessions are not changed.</summary>
/// <param name="Caller">The owner.</param>
/// <param name="Sessions">The sessions in the archive.</param>
/// <param name="DryRun">Whether to write nothing and only count.</param>
internal sealed record ImportSessions(Caller Caller, IReadOnlyList<ImportedSession> Sessions, bool DryRun = false) : ICommand<SessionsImported>;

/// <summary>The result. A session in neither list exists already, and its import can continue.</summary>
/// <param name="Added">Sessions that did not exist before.</param>
/// <param name="Skipped">Sessions that were changed here, or are different sessions with the same id.</param>
internal sealed record SessionsImported(IReadOnlyList<SessionId> Added, IReadOnlyList<SessionId> Skipped);

internal sealed class ImportSessionsHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<ImportSessions, Result<SessionsImported>>
{
    public async Task<Result<SessionsImported>> Handle(ImportSessions command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Sessions.Select(source => source.Id)];
        var sessionsById = (await command.Caller.FindAll(sessions, ids, command.DryRun, cancellationToken)).ToDictionary(session => session.Id);
        List<SessionId> added = [], skipped = [];
        foreach (var source in command.Sessions)
        {
            if (sessionsById.TryGetValue(source.Id, out var session))
            {
                if (!session.CanContinueImport(source)) skipped.Add(source.Id);
                continue;
            }

            session = Session.Import(command.Caller.Id, source, clock.GetUtcInstant());
            sessionsById.Add(source.Id, session);
            if (!command.DryRun) sessions.Add(session, command.Caller);
            added.Add(source.Id);
        }

        return new SessionsImported(added, skipped);
    }
}
