using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Orion's tables on SQLite.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : OrionDbContext(options)
{
    internal override async Task BeginToChange(CancellationToken cancellationToken)
    {
        // BEGIN IMMEDIATE: a transaction that reads first and writes later would fail where another wrote in between.
        if (Database.CurrentTransaction is null) await Database.BeginTransactionAsync(cancellationToken);
    }

    internal override IQueryable<Session> LockedSession(UserId ownerId, SessionId id) =>
        Sessions.Where(session => session.OwnerId == ownerId && session.Id == id);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<Microseconds>();
    }

    // SQLite has no type for an instant: microseconds since the Unix epoch compare and sort as they should.
    private sealed class Microseconds() : ValueConverter<DateTimeOffset, long>(
        instant => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
        stored => new DateTimeOffset((stored * TimeSpan.TicksPerMicrosecond) + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero));
}
