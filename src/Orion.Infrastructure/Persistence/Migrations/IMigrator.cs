namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>Applies migrations, safely with many processes starting at once.</summary>
internal interface IMigrator
{
    /// <summary>The names of the migrations that the database lacks, as far as the service's own role can see.</summary>
    Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken);

    /// <summary>Applies what the database lacks, and grants the service's own role what it needs.</summary>
    Task Migrate(CancellationToken cancellationToken);
}
