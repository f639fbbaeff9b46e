using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Reads a reply.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Reply">The reply's id.</param>
public sealed record GetReply(Caller Caller, SessionId Session, ReplyId Reply) : IQuery<ReplyView>;

internal sealed class GetReplyHandler(ISessions sessions, IReplies replies) : IRequestHandler<GetReply, Result<ReplyView>>
{
    public async Task<Result<ReplyView>> Handle(GetReply query, CancellationToken cancellationToken)
    {
        var reply = await replies.Find(query.Session, query.Reply, query.Caller, cancellationToken);
        if (reply is null) return await sessions.ErrorOfMissingReply(query.Session, query.Caller, cancellationToken);
        return ReplyView.From(reply, await replies.ReadText(reply, sessions, query.Caller, cancellationToken));
    }
}
