using MediatR;
using Orion.Application.Requests;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Reads one message of a session.</summary>
public sealed record GetMessage(Caller Caller, SessionId Session, MessageId Message) : IQuery<MessageView>;

internal sealed class GetMessageHandler(ISessions sessions) : IRequestHandler<GetMessage, Result<MessageView>>
{
    public async Task<Result<MessageView>> Handle(GetMessage query, CancellationToken cancellationToken)
    {
        if (await sessions.FindMessage(query.Session, query.Message, query.Caller, cancellationToken) is { } message)
            return MessageView.From(message);

        return await sessions.Find(query.Session, query.Caller, cancellationToken) is null
            ? SessionErrors.NotFound
            : SessionErrors.MessageNotFound;
    }
}
