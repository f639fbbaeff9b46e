using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Compares the databases that DATABASE_URL and MIGRATION_DATABASE_URL refer to.</summary>
internal static class PostgresComparison
{
    /// <summary>The comparison; null if MIGRATION_DATABASE_URL is not set.</summary>
    /// <exception cref="NpgsqlException">One of them is unavailable.</exception>
    internal static async Task<DatabaseComparison?> Of(DatabaseSettings settings, CancellationToken cancellationToken)
    {
        if (settings.MigrationConnectionString is not { } other) return null;
        var service = PostgresDiagnosis.WithTimeouts(settings.ConnectionString);
        var migration = PostgresDiagnosis.WithTimeouts(other);
        var match = await Match(service, migration, cancellationToken);
        // The server may have been restarted in between.
        if (match != DatabaseMatch.Same) match = await Match(service, migration, cancellationToken);

        var both = $"DATABASE_URL ({PostgresTarget.AddressOf(service)}) and MIGRATION_DATABASE_URL ({PostgresTarget.AddressOf(migration)})";
        return new DatabaseComparison(match, match switch
        {
            DatabaseMatch.Same => $"{both} refer to the same database",
            DatabaseMatch.Different => $"{both} refer to two databases",
            _ => $"It is unknown whether {both} refer to the same database: a role may not execute pg_control_system()",
        });
    }

    private static async Task<DatabaseMatch> Match(
        NpgsqlConnectionStringBuilder service, NpgsqlConnectionStringBuilder migration, CancellationToken cancellationToken) =>
        (await Identity(service, cancellationToken)).Compare(await Identity(migration, cancellationToken));

    private static async Task<PostgresIdentity> Identity(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        // A backup from a standby does not need the primary.
        await using var connection = await NamedConnections.OpenUnpooled(
            target, NamedConnections.Migration, cancellationToken, TargetSessionAttributes.PreferPrimary);
        return await PostgresIdentity.Of(connection, cancellationToken);
    }
}
