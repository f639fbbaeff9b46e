using Microsoft.EntityFrameworkCore;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

internal sealed class AuthorizedUserRepository(OrionDbContext context) : IAuthorizedUsers
{
    public async Task<AuthorizedUser?> FindForUpdate(EmailAddress email, CancellationToken cancellationToken)
    {
        await context.EnsureTransaction(cancellationToken);
        return await context.LockedUser(email).SingleOrDefaultAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<AuthorizedUser>> List(CancellationToken cancellationToken) =>
        await context.AuthorizedUsers.AsNoTracking().OrderBy(user => user.Email).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<AuthorizedUser>> ListForUpdate(CancellationToken cancellationToken)
    {
        await context.EnsureTransaction(cancellationToken);
        await context.LockUsers(cancellationToken);
        return await context.AuthorizedUsers.OrderBy(user => user.Email).ToListAsync(cancellationToken);
    }

    public void Add(AuthorizedUser user) => context.AuthorizedUsers.Add(user);
}
