using MediatR;
using Orion.Application.Requests;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Transfer;

/// <summary>Takes over the next messages of a session that was taken over; those that are here already are passed over.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session.</param>
/// <param name="Origins">The messages in their order, without gaps.</param>
public sealed record TakeOverMessages(Caller Caller, SessionId Session, IReadOnlyList<MessageOrigin> Origins) : ICommand<MessagesTaken>;

/// <summary>What came of taking over messages.</summary>
/// <param name="Added">How many were not here before.</param>
public sealed record MessagesTaken(int Added);

internal sealed class TakeOverMessagesHandler(ISessions sessions) : IRequestHandler<TakeOverMessages, Result<MessagesTaken>>
{
    public async Task<Result<MessagesTaken>> Handle(TakeOverMessages command, CancellationToken cancellationToken)
    {
        if (await sessions.FindForChange(command.Session, command.Caller, cancellationToken) is not { } session) return SessionErrors.NotFound;

        var added = 0;
        foreach (var origin in command.Origins)
        {
            if (origin.Sequence > session.MessageCount + 1) return TransferErrors.Gap;
            if (session.TakeOver(origin) is not { } message) continue;
            sessions.Add(message, command.Caller);
            added++;
        }

        return new MessagesTaken(added);
    }
}
