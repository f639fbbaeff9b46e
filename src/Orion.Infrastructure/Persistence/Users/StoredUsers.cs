using Microsoft.EntityFrameworkCore;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Users;

internal sealed class StoredUsers(OrionDbContext context) : IAuthorizedUsers
{
    public async Task<AuthorizedUser?> FindForChange(EmailAddress email, CancellationToken cancellationToken)
    {
        await context.BeginToChange(cancellationToken);
        return await context.LockedUser(email).SingleOrDefaultAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<AuthorizedUser>> List(CancellationToken cancellationToken) =>
        await context.AuthorizedUsers.AsNoTracking().OrderBy(user => user.Email).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<AuthorizedUser>> ListForChange(CancellationToken cancellationToken)
    {
        await context.BeginToChange(cancellationToken);
        await context.LockUsers(cancellationToken);
        return await context.AuthorizedUsers.OrderBy(user => user.Email).ToListAsync(cancellationToken);
    }

    public void Add(AuthorizedUser user) => context.AuthorizedUsers.Add(user);
}
