using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Export;

/// <summary>Reads a page of the caller's sessions as they are, the oldest first and archived ones included.</summary>
/// <param name="Caller">Whose.</param>
/// <param name="After">The session behind which to go on; null for the beginning.</param>
public sealed record ReadSessions(Caller Caller, SessionPosition? After) : IQuery<SessionPage>;

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">The sessions.</param>
/// <param name="Next">Behind which to go on; null on the last page.</param>
public sealed record SessionPage(IReadOnlyList<Session> Sessions, SessionPosition? Next);

internal sealed class ReadSessionsHandler(ISessions sessions) : IRequestHandler<ReadSessions, Result<SessionPage>>
{
    private const int PageSize = 200;

    // By creation, which no change moves.
    private static readonly SessionList All = new(SessionSort.CreatedAt, SortOrder.Ascending, ArchivedFilter.Any, null, null);

    public async Task<Result<SessionPage>> Handle(ReadSessions query, CancellationToken cancellationToken)
    {
        var page = await sessions.List(All, new PageRequest<SessionPosition>(PageSize, query.After), query.Caller, cancellationToken);
        return new SessionPage(page.Items, page.End == PageEnd.Complete ? null : All.PositionOf(page.Items[^1]));
    }
}
