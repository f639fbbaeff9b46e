using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Archive;

/// <summary>
/// Takes over sessions of the caller from an export, without their messages. Those that are here already stay as they are.
/// </summary>
/// <param name="Caller">Whose they are.</param>
/// <param name="Origins">The sessions as they were.</param>
/// <param name="DryRun">Write nothing: say what would come of it.</param>
public sealed record ImportSessions(Caller Caller, IReadOnlyList<ImportedSession> Origins, bool DryRun = false) : ICommand<SessionsImported>;

/// <summary>What came of taking over sessions; those in neither list were here already and can be gone on with.</summary>
/// <param name="Added">Those that were not here before.</param>
/// <param name="Left">Those that are here and have been changed, or are others with the same id: nothing was touched.</param>
public sealed record SessionsImported(IReadOnlyList<SessionId> Added, IReadOnlyList<SessionId> Left);

internal sealed class ImportSessionsHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<ImportSessions, Result<SessionsImported>>
{
    public async Task<Result<SessionsImported>> Handle(ImportSessions command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Origins.Select(origin => origin.Id)];
        var known = (await command.Caller.FindAll(sessions, ids, command.DryRun, cancellationToken)).ToDictionary(session => session.Id);
        List<SessionId> added = [], left = [];
        foreach (var origin in command.Origins)
        {
            if (known.TryGetValue(origin.Id, out var session))
            {
                if (!session.Continues(origin)) left.Add(origin.Id);
                continue;
            }

            session = Session.TakeOver(command.Caller.Id, origin, clock.GetUtcInstant());
            known.Add(origin.Id, session);
            if (!command.DryRun) sessions.Add(session, command.Caller);
            added.Add(origin.Id);
        }

        return new SessionsImported(added, left);
    }
}
