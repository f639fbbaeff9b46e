using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orion.Infrastructure.Persistence.Migrations;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Migrates PostgreSQL: as another role where MIGRATION_DATABASE_URL names one. EF Core's own lock lets one process migrate at
/// a time. Where nothing is pending, nothing is asked that needs rights to change the schema.
/// </summary>
internal sealed class PostgresMigrator(DatabaseSettings settings) : IMigrator
{
    public async Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken)
    {
        await using var context = Open(settings.ConnectionString);
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

    public async Task Migrate(CancellationToken cancellationToken)
    {
        var connectionString = settings.MigrationConnectionString ?? settings.ConnectionString;
        await using var context = Open(connectionString);
        if ((await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any()) await context.Database.MigrateAsync(cancellationToken);
        if (settings.MigrationConnectionString is not null) await Grant(context, cancellationToken);
    }

    private static PostgresDbContext Open(string connectionString)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString;
        return new(new DbContextOptionsBuilder<PostgresDbContext>().UseOrionPostgres(unpooled).Options);
    }

    private async Task Grant(PostgresDbContext context, CancellationToken cancellationToken)
    {
        var role = Quote(new NpgsqlConnectionStringBuilder(settings.ConnectionString).Username ?? "");
        var tables = context.Model.GetEntityTypes().Select(entity => Quote(entity.GetTableName()!)).Distinct();
        var grants = $"""
            GRANT SELECT, INSERT, UPDATE, DELETE ON {string.Join(", ", tables)} TO {role};
            GRANT SELECT ON "__EFMigrationsHistory" TO {role};
            """;
        // Two processes that grant at once would update one catalogue row concurrently, which PostgreSQL refuses.
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlRawAsync("SELECT pg_advisory_xact_lock(7203418826)", cancellationToken);
        // EF Core reads braces as places for parameters, and a role's name may hold some.
        await context.Database.ExecuteSqlRawAsync(
            grants.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
