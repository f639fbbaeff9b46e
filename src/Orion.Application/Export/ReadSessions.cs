using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Export;

/// <summary>Reads a batch of the caller's sessions, including archived sessions, oldest first.</summary>
/// <param name="Caller">The owner.</param>
/// <param name="After">The session after which the batch begins; null for the first batch.</param>
internal sealed record ReadSessions(Caller Caller, SessionPosition? After) : IQuery<SessionBatch>;

/// <summary>A batch of sessions.</summary>
/// <param name="Sessions">The sessions.</param>
/// <param name="Next">The session after which the next batch begins; null for the last batch.</param>
internal sealed record SessionBatch(IReadOnlyList<Session> Sessions, SessionPosition? Next);

internal sealed class ReadSessionsHandler(ISessions sessions) : IRequestHandler<ReadSessions, Result<SessionBatch>>
{
    private const int BatchSize = 200;

    // By creation time, which never changes.
    private static readonly SessionList All = new(SessionSort.CreatedAt, SortOrder.Ascending, ArchivedFilter.Any, null, null);

    public async Task<Result<SessionBatch>> Handle(ReadSessions query, CancellationToken cancellationToken)
    {
        var page = await sessions.List(All, new PageRequest<SessionPosition>(BatchSize, query.After, MaxBytes: ReadMessages.MaxBytes), query.Caller, cancellationToken);
        return new SessionBatch(page.Items, page.End == PageEnd.Complete ? null : All.PositionOf(page.Items[^1]));
    }
}
