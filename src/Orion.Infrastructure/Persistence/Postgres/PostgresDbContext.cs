using Microsoft.EntityFrameworkCore;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Orion's tables on PostgreSQL.</summary>
internal sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options) : OrionDbContext(options)
{
    internal override async Task BeginToChange(CancellationToken cancellationToken)
    {
        if (Database.CurrentTransaction is null) await Database.BeginTransactionAsync(cancellationToken);
    }

    internal override IQueryable<Session> LockedSession(UserId ownerId, SessionId id) =>
        Sessions.FromSql($"SELECT * FROM sessions WHERE owner_id = {ownerId.Value} AND id = {id.Value} FOR UPDATE");
}
