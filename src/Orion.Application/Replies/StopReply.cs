using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Stops a reply, whichever instance streams it. A reply that has ended already stays as it is.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Reply">The reply's id.</param>
public sealed record StopReply(Caller Caller, SessionId Session, ReplyId Reply) : ICommand<ReplyView>;

internal sealed class StopReplyHandler(ReplyEnding ending) : IRequestHandler<StopReply, Result<ReplyView>>
{
    public Task<Result<ReplyView>> Handle(StopReply command, CancellationToken cancellationToken) =>
        ending.End((command.Session, command.Reply), [], ReplyEnd.Stopped, command.Caller, _ => true, cancellationToken);
}
