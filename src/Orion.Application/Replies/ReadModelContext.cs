using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Reads what the model is given for a reply.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Reply">The reply.</param>
public sealed record ReadModelContext(Caller Caller, BegunReply Reply) : IQuery<ReplyContext>;

/// <summary>What the model is given for a reply.</summary>
/// <param name="Start">The reply's first frame, which is stored already. It names the model.</param>
/// <param name="Messages">The conversation, oldest first.</param>
public sealed record ReplyContext(ReplyFrame.Start Start, IReadOnlyList<ModelMessage> Messages);

internal sealed class ReadModelContextHandler(IReplies replies, ISessions sessions, ReplyLimits limits)
    : IRequestHandler<ReadModelContext, Result<ReplyContext>>
{
    private const int PageSize = 50;

    public async Task<Result<ReplyContext>> Handle(ReadModelContext query, CancellationToken cancellationToken)
    {
        var session = SessionId.From(query.Reply.SessionId);
        if (await replies.Find(session, ReplyId.From(query.Reply.ReplyId), query.Caller, cancellationToken) is not { } reply)
            return ReplyErrors.NotFound;

        var list = new MessageList(session, SortOrder.Descending);
        var context = new ModelContext(limits);
        for (var after = query.Reply.Through + 1; ;)
        {
            var page = await sessions.ListMessages(list, new(PageSize, after), query.Caller, cancellationToken);
            if (page is null) return ReplyErrors.NotFound;
            if (page.Items.Any(message => !context.TryAdd(ToModel(message))) || page.End == PageEnd.Complete) break;
            after = page.Items[^1].Sequence;
        }

        return new ReplyContext(new ReplyFrame.Start(reply.MessageId, reply.Id, reply.Model), context.ToMessages());
    }

    private static ModelMessage ToModel(Message message) =>
        new(message.Role == MessageRole.User ? ModelRole.User : ModelRole.Assistant, message.Content.Value);
}
