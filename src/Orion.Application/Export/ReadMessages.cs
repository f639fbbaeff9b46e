using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Export;

/// <summary>Reads a batch of a session's messages in order.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session.</param>
/// <param name="After">The sequence after which the batch begins; null for the first batch.</param>
internal sealed record ReadMessages(Caller Caller, SessionId Session, int? After) : IQuery<MessageBatch>;

/// <summary>A batch of messages.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Next">The sequence after which the next batch begins; null for the last batch.</param>
internal sealed record MessageBatch(IReadOnlyList<Message> Messages, int? Next);

internal sealed class ReadMessagesHandler(ISessions sessions) : IRequestHandler<ReadMessages, Result<MessageBatch>>
{
    private const int BatchSize = 1000;

    public async Task<Result<MessageBatch>> Handle(ReadMessages query, CancellationToken cancellationToken)
    {
        var list = new MessageList(query.Session, SortOrder.Ascending);
        var page = await sessions.ListMessages(list, new PageRequest<int>(BatchSize, query.After), query.Caller, cancellationToken);
        if (page is null) return SessionErrors.NotFound;
        return new MessageBatch(page.Items, page.End == PageEnd.Complete ? null : page.Items[^1].Sequence);
    }
}
