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

    /// <summary>A batch ends with the session with which it deletes so many messages. On SQLite, other writes wait for it for about 0.2 s.</summary>
    public const int MaxMessages = 2_000;

    /// <summary>Whether there may be more sessions that are due.</summary>
    public bool IsFull(DueSessions deleted) => deleted.Count == Limit || deleted.Messages >= MaxMessages;
}

internal sealed class DeleteDueSessionsHandler(ISessions sessions, RetentionPolicy policy, IRetentionClock clock)
    : IRequestHandler<DeleteDueSessions, Result<DueSessions>>
{
    public async Task<Result<DueSessions>> Handle(DeleteDueSessions command, CancellationToken cancellationToken)
    {
        var cutoff = policy.At(await clock.GetUtcInstant(cancellationToken));
        var due = await sessions.FindDueForUpdate(cutoff, command.Limit, command.Caller, cancellationToken);
        var deleted = DueSessions.None;
        foreach (var session in due)
        {
            sessions.Remove(session, command.Caller);
            var isExpired = session.ExpiresAt <= cutoff.ExpiredAt;
            deleted += new DueSessions(isExpired ? 1 : 0, isExpired ? 0 : 1, session.MessageCount);
            if (command.IsFull(deleted)) break;
        }

        return deleted;
    }
}
