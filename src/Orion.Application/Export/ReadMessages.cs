using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Export;

/// <summary>Reads a page of a session's messages as they are, in their order.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session.</param>
/// <param name="After">The sequence behind which to go on; null for the beginning.</param>
public sealed record ReadMessages(Caller Caller, SessionId Session, int? After) : IQuery<MessagePage>;

/// <summary>A page of messages.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Next">Behind which sequence to go on; null on the last page.</param>
public sealed record MessagePage(IReadOnlyList<Message> Messages, int? Next);

internal sealed class ReadMessagesHandler(ISessions sessions) : IRequestHandler<ReadMessages, Result<MessagePage>>
{
    private const int PageSize = 1000;

    public async Task<Result<MessagePage>> Handle(ReadMessages query, CancellationToken cancellationToken)
    {
        var list = new MessageList(query.Session, SortOrder.Ascending);
        var page = await sessions.ListMessages(list, new PageRequest<int>(PageSize, query.After), query.Caller, cancellationToken);
        if (page is null) return SessionErrors.NotFound;
        return new MessagePage(page.Items, page.End == PageEnd.Complete ? null : page.Items[^1].Sequence);
    }
}
