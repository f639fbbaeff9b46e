using Orion.Application.Retention;
using Orion.Domain;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>There is no server, and so no other clock.</summary>
internal sealed class SqliteRetentionClock(TimeProvider clock) : IRetentionClock
{
    public Task<DateTimeOffset> GetUtcInstant(CancellationToken cancellationToken) => Task.FromResult(clock.GetUtcInstant());
}
