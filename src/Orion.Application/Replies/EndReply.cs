using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>
/// Ends a reply: stores its last frames and its message. It is Orion's own write, on behalf of the owner (a caller without a token). A
/// reply that has ended already stays as it is, and so does one of another instance or with another lease.
/// </summary>
/// <param name="Caller">The owner, without a token.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Reply">The reply's id.</param>
/// <param name="Pending">The frames that follow the stored ones. Those that are stored already are ignored.</param>
/// <param name="End">How it ends.</param>
/// <param name="Instance">The instance that may end it; null for any.</param>
/// <param name="Lease">The lease that it must still have; null for any.</param>
public sealed record EndReply(
    Caller Caller,
    SessionId Session,
    ReplyId Reply,
    IReadOnlyList<StoredFrame> Pending,
    ReplyEnd End,
    InstanceId? Instance = null,
    long? Lease = null)
    : ICommand<ReplyView>;

internal sealed class EndReplyHandler(ReplyEnding ending) : IRequestHandler<EndReply, Result<ReplyView>>
{
    public Task<Result<ReplyView>> Handle(EndReply command, CancellationToken cancellationToken) => ending.End(
        (command.Session, command.Reply),
        command.Pending,
        command.End,
        command.Caller,
        reply => (command.Instance is null || command.Instance == reply.Instance) && (command.Lease is null || command.Lease == reply.Lease),
        cancellationToken);
}
