using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;

namespace Orion.Application.Retention;

/// <summary>Counts an owner's sessions that are due.</summary>
/// <param name="Caller">The owner.</param>
/// <param name="Overdue">Only those that have been due for this long.</param>
public sealed record CountDueSessions(Caller Caller, TimeSpan Overdue = default) : IQuery<DueSessions>;

internal sealed class CountDueSessionsHandler(ISessions sessions, RetentionPolicy policy, IRetentionClock clock)
    : IRequestHandler<CountDueSessions, Result<DueSessions>>
{
    public async Task<Result<DueSessions>> Handle(CountDueSessions query, CancellationToken cancellationToken) =>
        await sessions.CountDue(policy.At(await clock.GetUtcInstant(cancellationToken) - query.Overdue), query.Caller, cancellationToken);
}
