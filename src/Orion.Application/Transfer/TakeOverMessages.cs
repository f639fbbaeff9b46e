using MediatR;
using Orion.Application.Requests;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Transfer;

/// <summary>Takes over the next messages of sessions that were taken over; those that are here already are passed over.</summary>
/// <param name="Caller">The sessions' owner.</param>
/// <param name="Messages">The messages, each session's in their order and without gaps.</param>
/// <param name="OnlyLook">Write nothing: say what would come of it.</param>
public sealed record TakeOverMessages(Caller Caller, IReadOnlyList<NumberedMessage> Messages, bool OnlyLook = false)
    : ICommand<MessagesTaken>;

/// <summary>A message at its place.</summary>
/// <param name="Session">Its session.</param>
/// <param name="Sequence">Its place: 1, 2, 3 …</param>
/// <param name="Origin">The message.</param>
public sealed record NumberedMessage(SessionId Session, int Sequence, MessageOrigin Origin);

/// <summary>What came of taking over messages.</summary>
/// <param name="Added">How many were not here before.</param>
public sealed record MessagesTaken(int Added);

internal sealed class TakeOverMessagesHandler(ISessions sessions) : IRequestHandler<TakeOverMessages, Result<MessagesTaken>>
{
    public async Task<Result<MessagesTaken>> Handle(TakeOverMessages command, CancellationToken cancellationToken)
    {
        SessionId[] ids = [.. command.Messages.Select(message => message.Session).Distinct()];
        var known = (await command.Caller.FindAll(sessions, ids, command.OnlyLook, cancellationToken)).ToDictionary(session => session.Id);
        if (command.OnlyLook) return new MessagesTaken(command.Messages.Count(message => message.Sequence > CountOf(message.Session)));
        if (known.Count < ids.Length) return SessionErrors.NotFound;

        var fresh = command.Messages.Where(message => message.Sequence > CountOf(message.Session)).ToList();
        // The ids that their sessions have given away before.
        HashSet<(SessionId, MessageId)> taken =
        [
            .. await sessions.FindMessageIds(
                [.. fresh.Where(message => CountOf(message.Session) > 0).Select(message => (message.Session, message.Origin.Id))],
                command.Caller,
                cancellationToken),
        ];
        foreach (var message in fresh)
        {
            var session = known[message.Session];
            if (message.Sequence > session.MessageCount + 1) return TransferErrors.Gap;
            if (!taken.Add((message.Session, message.Origin.Id))) return TransferErrors.SameId;
            if (session.TakeOver(message.Sequence, message.Origin) is { } born) sessions.Add(born, command.Caller);
        }

        return new MessagesTaken(fresh.Count);

        int CountOf(SessionId id) => known.TryGetValue(id, out var session) ? session.MessageCount : 0;
    }
}
