using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;

namespace Orion.Application.Retention;

/// <summary>
/// Deletes a batch of an owner's sessions that are due, like their owner would: with their messages, stored results and running replies.
/// Sessions that another transaction has locked are left for a later batch.
/// </summary>
/// <param name="Caller">The owner.</param>
/// <param name="Limit">The largest number of sessions. A small batch keeps its locks short.</param>
public sealed record DeleteDueSessions(Caller Caller, int Limit) : ICommand<DueSessions>
{
    /// <summary>The size of a batch.</summary>
    public const int BatchSize = 50;
}

internal sealed class DeleteDueSessionsHandler(ISessions sessions, RetentionPolicy policy, IRetentionClock clock)
    : IRequestHandler<DeleteDueSessions, Result<DueSessions>>
{
    public async Task<Result<DueSessions>> Handle(DeleteDueSessions command, CancellationToken cancellationToken)
    {
        var cutoff = policy.At(await clock.GetUtcInstant(cancellationToken));
        var due = await sessions.FindDueForUpdate(cutoff, command.Limit, command.Caller, cancellationToken);
        foreach (var session in due) sessions.Remove(session, command.Caller);

        var expired = due.Count(session => session.ExpiresAt <= cutoff.ExpiredAt);
        return new DueSessions(expired, due.Count - expired, due.Sum(session => (long)session.MessageCount));
    }
}
