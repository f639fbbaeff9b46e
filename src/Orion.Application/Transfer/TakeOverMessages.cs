using MediatR;
using Orion.Application.Requests;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Transfer;

/// <summary>
/// Takes over the next messages of sessions that were taken over. A message that is here already, with the same id, place and content,
/// is passed over. Where another message is in its place, it and those behind it are left: nothing of the session is touched any more.
/// </summary>
/// <param name="Caller">The sessions' owner.</param>
/// <param name="Messages">The messages, each session's in their order and without gaps.</param>
/// <param name="Left">Sessions that get no message: of theirs it is only found out whether they are here.</param>
/// <param name="OnlyLook">Write nothing: say what would come of it.</param>
public sealed record TakeOverMessages(
    Caller Caller, IReadOnlyList<NumberedMessage> Messages, IReadOnlySet<SessionId> Left, bool OnlyLook = false) : ICommand<MessagesTaken>;

/// <summary>A message at its place.</summary>
/// <param name="Session">Its session.</param>
/// <param name="Sequence">Its place: 1, 2, 3 …</param>
/// <param name="Origin">The message.</param>
public sealed record NumberedMessage(SessionId Session, int Sequence, MessageOrigin Origin);

/// <summary>What came of taking over messages.</summary>
/// <param name="Added">How many were not here before, and are now.</param>
/// <param name="Missing">How many are not here, by session.</param>
public sealed record MessagesTaken(int Added, IReadOnlyDictionary<SessionId, int> Missing);

internal sealed class TakeOverMessagesHandler(ISessions sessions) : IRequestHandler<TakeOverMessages, Result<MessagesTaken>>
{
    public async Task<Result<MessagesTaken>> Handle(TakeOverMessages command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Messages.Select(message => message.Session).Distinct()];
        var known = (await command.Caller.FindAll(sessions, ids, command.OnlyLook, cancellationToken)).ToDictionary(session => session.Id);
        if (known.Count < ids.Length && !command.OnlyLook) return SessionErrors.NotFound;

        var counts = ids.ToDictionary(id => id, id => known.GetValueOrDefault(id)?.MessageCount ?? 0);
        var here = await sessions.FindMessages(
            [.. command.Messages.Where(message => counts[message.Session] > 0).Select(message => (message.Session, message.Origin.Id))],
            command.Caller,
            cancellationToken);
        HashSet<(SessionId, MessageId)> taken = [.. here.Keys];
        var missing = new Dictionary<SessionId, int>();
        var added = 0;
        foreach (var message in command.Messages)
        {
            var (id, sequence, origin) = message;
            if (here.GetValueOrDefault((id, origin.Id)) is { } same && same.Sequence == sequence && same.Is(origin)) continue;
            if (sequence <= counts[id] || missing.ContainsKey(id) || command.Left.Contains(id))
            {
                missing[id] = missing.GetValueOrDefault(id) + 1;
                continue;
            }

            if (!taken.Add((id, origin.Id))) return TransferErrors.SameId;
            added++;
            if (command.OnlyLook) continue;
            if (sequence > known[id].MessageCount + 1) return TransferErrors.Gap;
            if (known[id].TakeOver(sequence, origin) is { } born) sessions.Add(born, command.Caller);
        }

        return new MessagesTaken(added, missing);
    }
}
