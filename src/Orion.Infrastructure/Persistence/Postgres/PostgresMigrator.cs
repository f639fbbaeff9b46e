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
        return [.. await context.Database.GetPendingMigrationsAsync(cancellationToken)];
    }

    public async Task<string> Script(CancellationToken cancellationToken)
    {
        await using var context = Open(settings.MigrationConnectionString ?? settings.ConnectionString);
        var migrations = await PendingScript.Of(context, cancellationToken);
        return settings.MigrationConnectionString is null ? migrations : migrations + Grants(context) + "\n";
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
        // Two processes that grant at once would update one catalogue row concurrently, which PostgreSQL refuses.
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlRawAsync("SELECT pg_advisory_xact_lock(7203418826)", cancellationToken);
        await context.Database.ExecuteSqlRawAsync(Grants(context), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private string Grants(PostgresDbContext context)
    {
        var role = Quote(new NpgsqlConnectionStringBuilder(settings.ConnectionString).Username ?? "");
        var tables = context.Model.GetEntityTypes().Select(entity => Quote(entity.GetTableName()!)).Distinct();
        return $"""
            GRANT SELECT, INSERT, UPDATE, DELETE ON {string.Join(", ", tables)} TO {role};
            GRANT SELECT ON "__EFMigrationsHistory" TO {role};
            """;
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
