using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Compares the databases that DATABASE_URL and MIGRATION_DATABASE_URL lead to.</summary>
internal static class PostgresComparison
{
    private const int Seconds = 10;

    /// <summary>The comparison; null where one setting alone names a database.</summary>
    /// <exception cref="NpgsqlException">One of them does not answer.</exception>
    internal static async Task<DatabaseComparison?> Of(DatabaseSettings settings, CancellationToken cancellationToken)
    {
        if (settings.MigrationConnectionString is not { } other) return null;
        var service = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, Timeout = Seconds, CommandTimeout = Seconds };
        var migration = new NpgsqlConnectionStringBuilder(other) { Pooling = false, Timeout = Seconds, CommandTimeout = Seconds };
        var match = await Match(service, migration, cancellationToken);
        // A server that was started anew in between is one all the same.
        if (match != DatabaseMatch.Same) match = await Match(service, migration, cancellationToken);

        var both = $"DATABASE_URL ({Address(service)}) and MIGRATION_DATABASE_URL ({Address(migration)})";
        return new DatabaseComparison(match, match switch
        {
            DatabaseMatch.Same => $"{both} lead to one database",
            DatabaseMatch.Different => $"{both} lead to two databases",
            _ => $"Whether {both} lead to one database cannot be known: a role may not execute pg_control_system()",
        });
    }

    private static async Task<DatabaseMatch> Match(
        NpgsqlConnectionStringBuilder service, NpgsqlConnectionStringBuilder migration, CancellationToken cancellationToken) =>
        (await Identity(service, cancellationToken)).Compare(await Identity(migration, cancellationToken));

    private static async Task<PostgresIdentity> Identity(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        await using var connections = NamedConnections.To(target.ConnectionString, NamedConnections.Migration);
        await using var connection = await connections.OpenConnectionAsync(cancellationToken);
        return await PostgresIdentity.Of(connection, cancellationToken);
    }

    private static string Address(NpgsqlConnectionStringBuilder target) =>
        new PostgresTarget { Host = target.Host ?? "", Port = target.Port, Name = target.Database ?? "", User = "" }.Address;
}
