using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orion.Infrastructure.Persistence.Migrations;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Migrates PostgreSQL: as another role where MIGRATION_DATABASE_URL names one. Where nothing is pending, nothing is asked that
/// needs rights to change the schema.
/// </summary>
internal sealed class PostgresMigrator(DatabaseSettings settings, TimeProvider clock) : IMigrator
{
    // Any number that no other program on the database uses.
    private const long LockKey = 7_203_418_826;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken)
    {
        await using var connections = Unpooled(settings.ConnectionString);
        await using var context = Open(connections);
        try
        {
            return [.. await context.Database.GetPendingMigrationsAsync(cancellationToken)];
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Whoever migrates makes the tables first, and gives this role its rights next.
            return [.. context.Database.GetMigrations()];
        }
    }

    public async Task<string> Script(CancellationToken cancellationToken)
    {
        await using var connections = Unpooled(settings.MigrationConnectionString ?? settings.ConnectionString);
        await using var context = Open(connections);
        var migrations = await PendingScript.Of(context, cancellationToken);
        return settings.MigrationConnectionString is null ? migrations : migrations + Grants(context) + "\n";
    }

    public async Task Migrate(CancellationToken cancellationToken)
    {
        await using var connections = Unpooled(settings.MigrationConnectionString ?? settings.ConnectionString);
        await using var context = Open(connections);
        var isPending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
        if (!isPending && settings.MigrationConnectionString is null) return;

        await using var alone = await Lock(connections, cancellationToken);
        if (isPending) await context.Database.MigrateAsync(cancellationToken);
        if (settings.MigrationConnectionString is not null) await Grant(context, cancellationToken);
    }

    /// <summary>
    /// Lets one process at a time on, until what it returns is disposed of. EF Core's own lock is on the history table, which two
    /// processes may try to make at once. The lock is a transaction's, which PgBouncer leaves alone, and those who wait hold no
    /// connection, of which a pooler may have few.
    /// </summary>
    private async Task<NpgsqlConnection> Lock(NpgsqlDataSource connections, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = connections.CreateConnection();
            try
            {
                await connection.OpenAsync(cancellationToken);
                await using var command = new NpgsqlCommand($"BEGIN; SELECT pg_try_advisory_xact_lock({LockKey})", connection);
                if (await command.ExecuteScalarAsync(cancellationToken) is true) return connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }

            await connection.DisposeAsync();
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async Task Grant(PostgresDbContext context, CancellationToken cancellationToken)
    {
        // EF Core reads braces as places for parameters, and a role's name may hold some.
        var grants = Grants(context).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        await context.Database.ExecuteSqlRawAsync(grants, cancellationToken);
    }

    private string Grants(PostgresDbContext context)
    {
        var role = SqlIdentifier.Quote(new NpgsqlConnectionStringBuilder(settings.ConnectionString).Username ?? "");
        var tables = context.Model.GetEntityTypes().Select(entity => SqlIdentifier.Quote(entity.GetTableName()!)).Distinct();
        return $"""
            GRANT SELECT, INSERT, UPDATE, DELETE ON {string.Join(", ", tables)} TO {role};
            GRANT SELECT ON "__EFMigrationsHistory" TO {role};
            """;
    }

    private static PostgresDbContext Open(NpgsqlDataSource connections) =>
        new(new DbContextOptionsBuilder<PostgresDbContext>().UseOrionPostgres(connections).Options);

    private static NpgsqlDataSource Unpooled(string connectionString) => NamedConnections.To(
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString, NamedConnections.Migration);
}
