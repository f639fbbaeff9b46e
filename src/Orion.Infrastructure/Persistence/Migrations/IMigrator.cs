using Orion.Infrastructure.Availability;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>Applies migrations. Many processes can do so at the same time.</summary>
public interface IMigrator
{
    /// <summary>The names of the pending migrations, as far as the service's own role can see.</summary>
    Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken);

    /// <summary>
    /// The SQL that <see cref="Migrate"/> would run on this database now, so that it can be applied by other means. Empty if nothing is
    /// pending and no privilege must be granted.
    /// </summary>
    Task<string> Script(CancellationToken cancellationToken);

    /// <summary>
    /// Applies the pending migrations, and grants the service's own role what it needs. Waits for locks for a few minutes in total, but only
    /// briefly at a time, so that requests do not queue up behind it.
    /// </summary>
    /// <param name="report">Receives what blocks the migration, as a sentence for the operator.</param>
    /// <param name="cancellationToken">Cancels the migration.</param>
    Task Migrate(Action<string> report, CancellationToken cancellationToken);

    /// <summary>Whether MIGRATION_DATABASE_URL refers to the same database as DATABASE_URL; null if it is not set.</summary>
    Task<DatabaseComparison?> Compare(CancellationToken cancellationToken);
}
