using Microsoft.EntityFrameworkCore;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Users;

internal sealed class StoredUsers(OrionDbContext context) : IAuthorizedUsers
{
    public Task<AuthorizedUser?> Find(EmailAddress email, CancellationToken cancellationToken) =>
        context.AuthorizedUsers.SingleOrDefaultAsync(user => user.Email == email, cancellationToken);

    public async Task<IReadOnlyList<AuthorizedUser>> List(CancellationToken cancellationToken) =>
        await context.AuthorizedUsers.OrderBy(user => user.Email).ToListAsync(cancellationToken);

    public void Add(AuthorizedUser user) => context.AuthorizedUsers.Add(user);
}
