using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Legacy;

/// <summary>
/// Takes over sessions of the old service with their messages, or goes on with that: what is here already is known by its id, and what
/// came to it since is appended where nothing else was.
/// </summary>
/// <param name="Caller">Whose they are.</param>
/// <param name="Parts">Parts of different sessions.</param>
/// <param name="DryRun">Write nothing: say what would come of it.</param>
public sealed record ImportLegacySessions(Caller Caller, IReadOnlyList<SessionPart> Parts, bool DryRun) : ICommand<LegacySessionsImported>;

/// <summary>The next messages of a session.</summary>
/// <param name="Session">The session as it is in the old service.</param>
/// <param name="Messages">The messages, in their order.</param>
/// <param name="Before">The place here of the last message before these that is here; null where the session begins with these.</param>
/// <param name="StandIn">The id that the first message of the user had while only the session's row had it; null where there is no such.</param>
public sealed record SessionPart(ImportedSession Session, IReadOnlyList<ImportedMessage> Messages, int? Before, MessageId? StandIn = null);

/// <summary>What came of each part, in their order.</summary>
public sealed record LegacySessionsImported(IReadOnlyList<PartImported> Parts);

/// <summary>What came of a part.</summary>
/// <param name="IsNew">Whether the session was not here before.</param>
/// <param name="Added">How many messages were not here before and are now.</param>
/// <param name="Known">How many were here before.</param>
/// <param name="Last">The place here of the last message that is here of this part or those before it; 0 where none is.</param>
/// <param name="Remarks">Why messages were left, or in what the session differs, and how often.</param>
public sealed record PartImported(bool IsNew, int Added, int Known, int Last, IReadOnlyDictionary<ImportWarning, int> Remarks);

internal sealed class ImportLegacySessionsHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<ImportLegacySessions, Result<LegacySessionsImported>>
{
    public async Task<Result<LegacySessionsImported>> Handle(ImportLegacySessions command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Parts.Select(part => part.Session.Id)];
        var here = (await command.Caller.FindAll(sessions, ids, command.DryRun, cancellationToken)).ToDictionary(session => session.Id);
        var asked =
            from part in command.Parts
            where IsBegun(part.Session.Id)
            from message in part.Messages.Select(message => message.Id).Concat(part.StandIn is { } standIn ? [standIn] : [])
            select (part.Session.Id, message);
        var known = await sessions.FindMessages([.. asked], command.Caller, cancellationToken);
        return new LegacySessionsImported([.. command.Parts.Select(part => Take(part, here.GetValueOrDefault(part.Session.Id), known, command))]);

        bool IsBegun(SessionId id) => here.TryGetValue(id, out var session) && session.MessageCount > 0;
    }

    private PartImported Take(
        SessionPart part, Session? session, IReadOnlyDictionary<(SessionId Session, MessageId Id), Message> known, ImportLegacySessions command)
    {
        var isNew = session is null && part.Before is null;
        var remarks = new Dictionary<ImportWarning, int>();
        if (session is null)
        {
            // Deleted here between two parts: what is left of it would not be the session.
            if (!isNew && !command.DryRun)
                return new PartImported(false, 0, 0, 0, new Dictionary<ImportWarning, int> { [ImportWarning.ContinuedHere] = part.Messages.Count });
            session = Session.TakeOver(command.Caller.Id, part.Session, clock.GetUtcInstant());
            if (!command.DryRun) sessions.Add(session, command.Caller);
        }

        int added = 0, wereHere = 0, last = part.Before ?? 0;
        HashSet<MessageId> seen = [];
        var standIn = part.StandIn is { } id ? known.GetValueOrDefault((part.Session.Id, id)) : null;
        var stoodIn = standIn is null ? null : part.Messages.FirstOrDefault(message => message.Role == MessageRole.User);
        foreach (var origin in part.Messages)
        {
            var isHere = origin == stoodIn ? standIn : known.GetValueOrDefault((part.Session.Id, origin.Id));
            if (!seen.Add(origin.Id))
            {
                Note(ImportWarning.MessageTwice);
            }
            else if (isHere is not null)
            {
                last = Math.Max(last, isHere.Sequence);
                if (isHere == standIn || isHere.SaysWhat(origin)) wereHere++;
                else Note(ImportWarning.OtherHere);
            }
            else if (last < session.MessageCount)
            {
                // The last message here is none of those before it there.
                Note(ImportWarning.ContinuedHere);
            }
            else if (session.ArchivedAt is not null)
            {
                Note(ImportWarning.ArchivedHere);
            }
            else
            {
                var message = session.TakeOverNext(part.Session, origin);
                if (!command.DryRun) sessions.Add(message, command.Caller);
                last = Math.Max(last, message.Sequence);
                added++;
            }
        }

        if (!isNew && part.Before is null && remarks.Count == 0 && Differs(session, part.Session)) Note(ImportWarning.DiffersHere);
        return new PartImported(isNew, added, wereHere, last, remarks);

        void Note(ImportWarning remark) => remarks[remark] = remarks.GetValueOrDefault(remark) + 1;
    }

    private static bool Differs(Session here, ImportedSession there) =>
        (there.Title is not null && there.Title != here.Title) || there.Metadata != here.Metadata;
}
