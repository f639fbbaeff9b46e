using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Users;

namespace Orion.Infrastructure.Persistence;

internal sealed class UserEraser(OrionDbContext context) : IErasure
{
    // A million messages take longer than a request may.
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(1);

    public async Task<UserErased> EraseAll(Caller caller, CancellationToken cancellationToken)
    {
        context.Database.SetCommandTimeout(Timeout);
        await context.EnsureTransaction(cancellationToken);
        // Sessions first, as whoever deletes or changes one does, too: in another order the two could wait for each other.
        await context.Sessions.Where(session => session.OwnerId == caller.Id)
            .ExecuteUpdateAsync(session => session.SetProperty(row => row.Version, row => row.Version), cancellationToken);
        // Messages and answers would go with their sessions; they are deleted one kind at a time to be counted.
        var messages = await context.Messages.Where(message => message.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        var answers = await context.IdempotencyRecords.Where(answer => answer.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        var sessions = await context.Sessions.Where(session => session.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        return new UserErased(sessions, messages, answers);
    }
}
