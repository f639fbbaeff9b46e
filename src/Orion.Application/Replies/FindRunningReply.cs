using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Finds the running reply of a session.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
public sealed record FindRunningReply(Caller Caller, SessionId Session) : IQuery<RunningReplyResult>;

/// <summary>The running reply of a session.</summary>
/// <param name="Reply">Its id; null if none is running.</param>
public sealed record RunningReplyResult(ReplyId? Reply);

internal sealed class FindRunningReplyHandler(ISessions sessions, IReplies replies) : IRequestHandler<FindRunningReply, Result<RunningReplyResult>>
{
    public async Task<Result<RunningReplyResult>> Handle(FindRunningReply query, CancellationToken cancellationToken)
    {
        var running = await replies.FindRunning(query.Session, query.Caller, cancellationToken);
        if (running is not null) return new RunningReplyResult(running.Id);
        return await sessions.Find(query.Session, query.Caller, cancellationToken) is null ? SessionErrors.NotFound : new RunningReplyResult(null);
    }
}
