using MediatR;
using Orion.Application.Requests;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Transfer;

/// <summary>
/// Takes over sessions of the old service with their messages, or goes on with that: what is here already is known by its id, and what
/// came to it since is appended where nothing else was.
/// </summary>
/// <param name="Caller">Whose they are.</param>
/// <param name="Parts">Parts of different sessions.</param>
/// <param name="OnlyLook">Write nothing: say what would come of it.</param>
public sealed record TakeOverOldSessions(Caller Caller, IReadOnlyList<SessionPart> Parts, bool OnlyLook) : ICommand<OldSessionsTaken>;

/// <summary>The next messages of a session.</summary>
/// <param name="Session">The session as it is in the old service.</param>
/// <param name="Messages">The messages, in their order.</param>
/// <param name="Before">The place here of the last message before these that is here; null where the session begins with these.</param>
/// <param name="StandIn">The id that the first message of the user had while only the session's row had it; null where there is no such.</param>
public sealed record SessionPart(SessionOrigin Session, IReadOnlyList<MessageOrigin> Messages, int? Before, MessageId? StandIn = null);

/// <summary>What came of each part, in their order.</summary>
public sealed record OldSessionsTaken(IReadOnlyList<PartTaken> Parts);

/// <summary>What came of a part.</summary>
/// <param name="IsNew">Whether the session was not here before.</param>
/// <param name="Added">How many messages were not here before and are now.</param>
/// <param name="Known">How many were here before.</param>
/// <param name="Last">The place here of the last message that is here of this part or those before it; 0 where none is.</param>
/// <param name="Remarks">Why messages were left, or in what the session differs, and how often.</param>
public sealed record PartTaken(bool IsNew, int Added, int Known, int Last, IReadOnlyDictionary<Remark, int> Remarks);

internal sealed class TakeOverOldSessionsHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<TakeOverOldSessions, Result<OldSessionsTaken>>
{
    public async Task<Result<OldSessionsTaken>> Handle(TakeOverOldSessions command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Parts.Select(part => part.Session.Id)];
        var here = (await command.Caller.FindAll(sessions, ids, command.OnlyLook, cancellationToken)).ToDictionary(session => session.Id);
        var asked =
            from part in command.Parts
            where IsBegun(part.Session.Id)
            from message in part.Messages.Select(message => message.Id).Concat(part.StandIn is { } standIn ? [standIn] : [])
            select (part.Session.Id, message);
        var known = await sessions.FindMessages([.. asked], command.Caller, cancellationToken);
        return new OldSessionsTaken([.. command.Parts.Select(part => Take(part, here.GetValueOrDefault(part.Session.Id), known, command))]);

        bool IsBegun(SessionId id) => here.TryGetValue(id, out var session) && session.MessageCount > 0;
    }

    private PartTaken Take(
        SessionPart part, Session? session, IReadOnlyDictionary<(SessionId Session, MessageId Id), Message> known, TakeOverOldSessions command)
    {
        var isNew = session is null && part.Before is null;
        var remarks = new Dictionary<Remark, int>();
        if (session is null)
        {
            // Deleted here between two parts: what is left of it would not be the session.
            if (!isNew && !command.OnlyLook)
                return new PartTaken(false, 0, 0, 0, new Dictionary<Remark, int> { [Remark.ContinuedHere] = part.Messages.Count });
            session = Session.TakeOver(command.Caller.Id, part.Session, clock.GetUtcInstant());
            if (!command.OnlyLook) sessions.Add(session, command.Caller);
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
                Note(Remark.MessageTwice);
            }
            else if (isHere is not null)
            {
                last = Math.Max(last, isHere.Sequence);
                if (isHere == standIn || isHere.SaysWhat(origin)) wereHere++;
                else Note(Remark.OtherHere);
            }
            else if (last < session.MessageCount)
            {
                // The last message here is none of those before it there.
                Note(Remark.ContinuedHere);
            }
            else if (session.ArchivedAt is not null)
            {
                Note(Remark.ArchivedHere);
            }
            else
            {
                var message = session.TakeOverNext(part.Session, origin);
                if (!command.OnlyLook) sessions.Add(message, command.Caller);
                last = Math.Max(last, message.Sequence);
                added++;
            }
        }

        if (!isNew && part.Before is null && remarks.Count == 0 && Differs(session, part.Session)) Note(Remark.DiffersHere);
        return new PartTaken(isNew, added, wereHere, last, remarks);

        void Note(Remark remark) => remarks[remark] = remarks.GetValueOrDefault(remark) + 1;
    }

    private static bool Differs(Session here, SessionOrigin there) =>
        (there.Title is not null && there.Title != here.Title) || there.Metadata != here.Metadata;
}
