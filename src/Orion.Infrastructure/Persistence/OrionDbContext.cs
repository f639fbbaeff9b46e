using Microsoft.EntityFrameworkCore;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>Orion's tables. What differs between the database systems is in the class of each.</summary>
internal abstract class OrionDbContext(DbContextOptions options) : DbContext(options)
{
    internal DbSet<AuthorizedUser> AuthorizedUsers => Set<AuthorizedUser>();

    internal DbSet<Session> Sessions => Set<Session>();

    internal DbSet<Message> Messages => Set<Message>();

    /// <summary>Begins to write, so that what is read from now on is still true when it is saved. Where that is done already, does nothing.</summary>
    internal abstract Task BeginToChange(CancellationToken cancellationToken);

    /// <summary>The session's row, locked until the transaction ends.</summary>
    internal abstract IQueryable<Session> LockedSession(UserId ownerId, SessionId id);

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(OrionDbContext).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => StoredValues.Configure(configurationBuilder);
}
