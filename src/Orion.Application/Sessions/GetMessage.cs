using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Reads one message of a session.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session.</param>
/// <param name="Message">The message.</param>
/// <param name="Memory">Reserves the memory for a large message.</param>
public sealed record GetMessage(Caller Caller, SessionId Session, MessageId Message, ByteReservation? Memory = null) : IQuery<MessageView>;

internal sealed class GetMessageHandler(ISessions sessions) : IRequestHandler<GetMessage, Result<MessageView>>
{
    public async Task<Result<MessageView>> Handle(GetMessage query, CancellationToken cancellationToken)
    {
        var message = await Find();
        if (message is not null && MessageView.SizeOf(message) is var size && !query.Memory.HasRoomFor(size))
        {
            message = null;
            await query.Memory!.WaitForRoom(size, cancellationToken);
            message = await Find();
        }

        if (message is not null) return MessageView.From(message);
        return await sessions.Find(query.Session, query.Caller, cancellationToken) is null
            ? SessionErrors.NotFound
            : SessionErrors.MessageNotFound;

        Task<Message?> Find() => sessions.FindMessage(query.Session, query.Message, query.Caller, cancellationToken);
    }
}
