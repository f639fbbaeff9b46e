using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Export;

/// <summary>Reads a batch of a session's messages in order.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session.</param>
/// <param name="Limit">The largest number of messages.</param>
/// <param name="After">The sequence after which the batch begins; null for the first batch.</param>
internal sealed record ReadMessages(Caller Caller, SessionId Session, int Limit, int? After = null) : IQuery<MessageBatch>
{
    /// <summary>The largest limit.</summary>
    internal const int MaxLimit = 1000;

    /// <summary>The largest size of a batch of more than one item, in bytes. A batch is in memory while a client accepts it.</summary>
    internal const int MaxBytes = 256 * 1024;
}

/// <summary>A batch of messages.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="End">Why the batch ends.</param>
internal sealed record MessageBatch(IReadOnlyList<Message> Messages, PageEnd End);

internal sealed class ReadMessagesHandler(ISessions sessions) : IRequestHandler<ReadMessages, Result<MessageBatch>>
{
    public async Task<Result<MessageBatch>> Handle(ReadMessages query, CancellationToken cancellationToken)
    {
        var list = new MessageList(query.Session, SortOrder.Ascending);
        var page = await sessions.ListMessages(list, new PageRequest<int>(query.Limit, query.After, MaxBytes: ReadMessages.MaxBytes), query.Caller, cancellationToken);
        return page is null ? SessionErrors.NotFound : new MessageBatch(page.Items, page.End);
    }
}
