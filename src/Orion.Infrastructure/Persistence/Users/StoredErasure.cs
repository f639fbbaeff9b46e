using Microsoft.EntityFrameworkCore;
using Orion.Application.Requests;
using Orion.Application.Users;

namespace Orion.Infrastructure.Persistence.Users;

internal sealed class StoredErasure(OrionDbContext context) : IErasure
{
    // A million messages take longer than a request may.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public async Task<Erased> EraseAll(Caller caller, CancellationToken cancellationToken)
    {
        context.Database.SetCommandTimeout(Patience);
        await context.BeginToChange(cancellationToken);
        // Sessions first, as whoever deletes or changes one does, too: in another order the two could wait for each other.
        await context.Sessions.Where(session => session.OwnerId == caller.Id)
            .ExecuteUpdateAsync(session => session.SetProperty(row => row.Version, row => row.Version), cancellationToken);
        // Messages and answers would go with their sessions; they are deleted one kind at a time to be counted.
        var messages = await context.Messages.Where(message => message.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        var answers = await context.KeptAnswers.Where(answer => answer.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        var sessions = await context.Sessions.Where(session => session.OwnerId == caller.Id).ExecuteDeleteAsync(cancellationToken);
        return new Erased(sessions, messages, answers);
    }
}
