using Orion.Infrastructure.Availability;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>Applies migrations, safely with many processes starting at once.</summary>
public interface IMigrator
{
    /// <summary>The names of the migrations that the database lacks, as far as the service's own role can see.</summary>
    Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken);

    /// <summary>
    /// The SQL that <see cref="Migrate"/> would run against this database as it is, for whoever applies it by other means; empty where
    /// nothing is pending and nothing to grant.
    /// </summary>
    Task<string> Script(CancellationToken cancellationToken);

    /// <summary>
    /// Applies what the database lacks, and grants the service's own role what it needs. Waits for locks a short while at a time, so that
    /// no request queues up behind it, and a few minutes in all.
    /// </summary>
    /// <param name="tell">Is told what is waited for, in a sentence for the operator.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    Task Migrate(Action<string> tell, CancellationToken cancellationToken);

    /// <summary>Whether MIGRATION_DATABASE_URL leads to the same database as DATABASE_URL; null where it is not set.</summary>
    Task<DatabaseComparison?> Compare(CancellationToken cancellationToken);
}
