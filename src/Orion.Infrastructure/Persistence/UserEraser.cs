using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Users;

namespace Orion.Infrastructure.Persistence;

internal sealed class UserEraser(OrionDbContext context) : IErasure
{
    // A million messages take longer than the timeout of a request.
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(1);

    public async Task<UserErased> EraseAll(Caller caller, CancellationToken cancellationToken)
    {
        context.Database.SetCommandTimeout(Timeout);
        await context.EnsureTransaction(cancellationToken);
        // Locks the sessions first, like every command that changes one. In another order, the two could deadlock.
        await context.Sessions.Where(session => session.OwnerId == caller.Id)
            .ExecuteUpdateAsync(session => session.SetProperty(row => row.Version, row => row.Version), cancellationToken);
        // Messages, idempotency records and replies are deleted with their sessions. The first two are deleted separately to be counted.
        var messages = await context.Messages.Where(message => message.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        var responses = await context.IdempotencyRecords.Where(record => record.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        var sessions = await context.Sessions.Where(session => session.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        await context.RemoveDeletedTokens(cancellationToken);
        return new UserErased(sessions, messages, responses);
    }
}
