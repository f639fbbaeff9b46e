using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Migrates PostgreSQL: as another role where MIGRATION_DATABASE_URL names one. Where nothing is pending, nothing is asked that
/// needs rights to change the schema.
/// </summary>
internal sealed class PostgresMigrator(DatabaseSettings settings, TimeProvider clock) : IMigrator
{
    // Any number that no other program on the database uses.
    private const long LockKey = 7_203_418_826;
    private const int QuestionSeconds = 30;
    /// <summary>EF Core's table of the migrations that were applied.</summary>
    internal const string History = "__EFMigrationsHistory";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Longer than a lock is waited for: in between, those who came later are served.
    private static readonly TimeSpan PauseForLock = TimeSpan.FromSeconds(3);

    /// <summary>All of Orion's tables, EF Core's own among them.</summary>
    internal static string[] Tables
    {
        get
        {
            using var connections = NpgsqlDataSource.Create("Host=localhost");
            using var context = Open(connections);
            return [.. TablesOf(context), History];
        }
    }

    public async Task<IReadOnlyList<string>> Pending(CancellationToken cancellationToken)
    {
        await using var connections = Unpooled(settings.ConnectionString);
        await using var context = Open(connections);
        context.Database.SetCommandTimeout(QuestionSeconds);
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

    public async Task Migrate(Action<string> tell, CancellationToken cancellationToken)
    {
        await using var connections = Unpooled(settings.MigrationConnectionString ?? settings.ConnectionString);
        var isPending = await IsPending(connections, cancellationToken);
        if (!isPending && settings.MigrationConnectionString is null) return;

        var wait = new MigrationWait(tell, clock);
        await using var alone = await Lock(connections, wait, cancellationToken);
        if (isPending) await Apply(connections, wait, cancellationToken);
        if (settings.MigrationConnectionString is not null) await Grant(connections, cancellationToken);
    }

    public Task<DatabaseComparison?> Compare(CancellationToken cancellationToken) => PostgresComparison.Of(settings, cancellationToken);

    private static async Task<bool> IsPending(NpgsqlDataSource connections, CancellationToken cancellationToken)
    {
        await using var context = Open(connections);
        context.Database.SetCommandTimeout(QuestionSeconds);
        return (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
    }

    private static async Task Apply(NpgsqlDataSource connections, MigrationWait wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using var context = Open(connections);
                await context.Database.MigrateAsync(cancellationToken);
                return;
            }
            catch (Exception exception) when (TransientErrors.StateOf(exception) == PostgresErrorCodes.LockNotAvailable)
            {
                const string reason = "A long transaction on Orion's tables keeps the migration waiting; a backup (pg_dump) is one, pg_stat_activity lists them.";
                await wait.Pause(reason, PauseForLock, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Lets one process at a time on, until what it returns is disposed of. EF Core's own lock is on the history table, which two
    /// processes may try to make at once. The lock is a transaction's, which PgBouncer leaves alone, and those who wait hold no
    /// connection, of which a pooler may have few.
    /// </summary>
    private static async Task<NpgsqlConnection> Lock(NpgsqlDataSource connections, MigrationWait wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = connections.CreateConnection();
            try
            {
                await connection.OpenAsync(cancellationToken);
                // It idles in its transaction for as long as the migration takes.
                await using var command = new NpgsqlCommand($"BEGIN; {MigrationLimits.Sql}; SELECT pg_try_advisory_xact_lock({LockKey})", connection);
                if (await Last(command, cancellationToken) is true) return connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }

            await connection.DisposeAsync();
            await wait.Pause("Another process migrates this database.", Pause, cancellationToken);
        }
    }

    private static async Task<object?> Last(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var results = await command.ExecuteReaderAsync(cancellationToken);
        object? last = null;
        do
        {
            while (await results.ReadAsync(cancellationToken)) last = results.GetValue(0);
        }
        while (await results.NextResultAsync(cancellationToken));
        return last;
    }

    private async Task Grant(NpgsqlDataSource connections, CancellationToken cancellationToken)
    {
        await using var context = Open(connections);
        // EF Core reads braces as places for parameters, and a role's name may hold some.
        var grants = Grants(context).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        await context.Database.ExecuteSqlRawAsync(grants, cancellationToken);
    }

    private string Grants(PostgresDbContext context)
    {
        var role = SqlIdentifier.Quote(new NpgsqlConnectionStringBuilder(settings.ConnectionString).Username ?? "");
        return $"""
            GRANT SELECT, INSERT, UPDATE, DELETE ON {string.Join(", ", TablesOf(context).Select(SqlIdentifier.Quote))} TO {role};
            GRANT SELECT ON "{History}" TO {role};
            """;
    }

    private static IEnumerable<string> TablesOf(PostgresDbContext context) =>
        context.Model.GetEntityTypes().Select(entity => entity.GetTableName()!).Distinct();

    private static PostgresDbContext Open(NpgsqlDataSource connections) =>
        new(new DbContextOptionsBuilder<PostgresDbContext>().UseOrionPostgres(connections).AddInterceptors(new MigrationLimits()).Options);

    private static NpgsqlDataSource Unpooled(string connectionString) => NamedConnections.To(
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString, NamedConnections.Migration);
}
