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
/// <param name="Before">How many messages before these are here by now; null where the session begins with these.</param>
/// <param name="StandIn">The id that the first message of the user had while only the session's row had it; null where there is no such.</param>
public sealed record SessionPart(SessionOrigin Session, IReadOnlyList<MessageOrigin> Messages, int? Before, MessageId? StandIn = null);

/// <summary>What came of each part, in their order.</summary>
public sealed record OldSessionsTaken(IReadOnlyList<PartTaken> Parts);

/// <summary>What came of a part.</summary>
/// <param name="IsNew">Whether the session was not here before.</param>
/// <param name="Added">How many messages were not here before and are now.</param>
/// <param name="Known">How many were here before.</param>
/// <param name="Left">How many were not here and are not now.</param>
/// <param name="Remark">Why they were left, or in what the session differs.</param>
public sealed record PartTaken(bool IsNew, int Added, int Known, int Left, Remark? Remark);

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
        HashSet<(SessionId, MessageId)> known = [.. await sessions.FindMessageIds([.. asked], command.Caller, cancellationToken)];
        return new OldSessionsTaken([.. command.Parts.Select(part => Take(part, here.GetValueOrDefault(part.Session.Id), known, command))]);

        bool IsBegun(SessionId id) => here.TryGetValue(id, out var session) && session.MessageCount > 0;
    }

    private PartTaken Take(SessionPart part, Session? session, HashSet<(SessionId Session, MessageId Id)> known, TakeOverOldSessions command)
    {
        var isNew = session is null && part.Before is null;
        if (session is null)
        {
            // Deleted here between two parts: what is left of it would not be the session.
            if (!isNew && !command.OnlyLook) return new PartTaken(false, 0, 0, part.Messages.Count, Remark.ContinuedHere);
            session = Session.TakeOver(command.Caller.Id, part.Session, clock.GetUtcInstant());
            if (!command.OnlyLook) sessions.Add(session, command.Caller);
        }

        int added = 0, wereHere = 0, left = 0;
        Remark? why = null;
        var stoodIn = part.StandIn is { } id && known.Contains((part.Session.Id, id))
            ? part.Messages.FirstOrDefault(message => message.Role == MessageRole.User)
            : null;
        foreach (var origin in part.Messages)
        {
            if (origin == stoodIn || !known.Add((part.Session.Id, origin.Id)))
            {
                wereHere++;
                continue;
            }

            // Everything that is here must come from there, and stand before it.
            var follows = (part.Before ?? 0) + wereHere + added >= session.MessageCount;
            if (!follows || session.ArchivedAt is not null)
            {
                why = follows ? Remark.ArchivedHere : Remark.ContinuedHere;
                left++;
                continue;
            }

            var message = session.TakeOverNext(part.Session, origin);
            if (!command.OnlyLook) sessions.Add(message, command.Caller);
            added++;
        }

        if (!isNew && part.Before is null && why is null && Differs(session, part.Session)) why = Remark.DiffersHere;
        return new PartTaken(isNew, added, wereHere, left, why);
    }

    private static bool Differs(Session here, SessionOrigin there) =>
        (there.Title is not null && there.Title != here.Title) || there.Metadata != here.Metadata;
}
