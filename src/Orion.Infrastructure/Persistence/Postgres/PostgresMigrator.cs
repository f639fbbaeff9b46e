using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Migrations;
using HistoryRepository = Microsoft.EntityFrameworkCore.Migrations.HistoryRepository;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Migrates PostgreSQL, as another role if MIGRATION_DATABASE_URL names one. If nothing is pending, no statement needs the privilege to
/// change the schema.
/// </summary>
internal sealed class PostgresMigrator(DatabaseSettings settings, TimeProvider clock) : IMigrator
{
    // An arbitrary number that no other program on the database should use.
    private const long LockKey = 7_203_418_826;
    private const int QueryTimeoutSeconds = 30;

    /// <summary>EF Core's table of the applied migrations.</summary>
    internal const string History = HistoryRepository.DefaultTableName;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Longer than the lock timeout, so that queued requests are served in between.
    private static readonly TimeSpan LockPause = TimeSpan.FromSeconds(3);

    /// <summary>All of Orion's tables, including EF Core's own.</summary>
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
        context.Database.SetCommandTimeout(QueryTimeoutSeconds);
        try
        {
            string[] pending = [.. await context.Database.GetPendingMigrationsAsync(cancellationToken)];
            // For EF Core, all migrations of a database that does not exist are pending. Connecting fails and says so.
            if (pending.Length == context.Database.GetMigrations().Count()) await (await connections.OpenConnectionAsync(cancellationToken)).DisposeAsync();
            return pending;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // A migration creates the tables first and grants this role its privileges afterwards.
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

    public async Task Migrate(Action<string> report, CancellationToken cancellationToken)
    {
        await using var connections = Unpooled(settings.MigrationConnectionString ?? settings.ConnectionString);
        var isPending = await IsPending(connections, cancellationToken);
        if (!isPending && settings.MigrationConnectionString is null) return;

        var wait = new MigrationWait(report, clock);
        await using var migrationLock = await Lock(connections, wait, cancellationToken);
        if (isPending) await Apply(connections, wait, cancellationToken);
        if (settings.MigrationConnectionString is not null) await Grant(connections, cancellationToken);
    }

    public Task<DatabaseComparison?> Compare(CancellationToken cancellationToken) => PostgresComparison.Of(settings, cancellationToken);

    private static async Task<bool> IsPending(NpgsqlDataSource connections, CancellationToken cancellationToken)
    {
        await using var context = Open(connections);
        context.Database.SetCommandTimeout(QueryTimeoutSeconds);
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
            catch (Exception exception) when (
                TransientErrors.StateOf(exception) is PostgresErrorCodes.LockNotAvailable or TransientErrors.IdleInTransactionTimeout)
            {
                // PostgreSQL reverts the transaction's timeouts when a statement fails. The role's own timeout can then end the transaction
                // before it is rolled back.
                const string reason = "A long transaction on Orion's tables blocks the migration, for example a backup (pg_dump). pg_stat_activity lists them.";
                await wait.Pause(reason, LockPause, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Excludes other processes until the result is disposed. EF Core's own lock is on the history table, which two processes may try to
    /// create at the same time. It is a transaction-level lock, which works with PgBouncer. A waiting process holds no connection, because
    /// a pooler may have few.
    /// </summary>
    private static async Task<NpgsqlConnection> Lock(NpgsqlDataSource connections, MigrationWait wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = connections.CreateConnection();
            try
            {
                await connection.OpenAsync(cancellationToken);
                // The transaction is idle during the whole migration, so its timeouts are off.
                await using var command = new NpgsqlCommand($"BEGIN; {MigrationLimits.Sql}; SELECT pg_try_advisory_xact_lock({LockKey})", connection);
                if (await Last(command, cancellationToken) is true) return connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }

            await connection.DisposeAsync();
            await wait.Pause("Another process is migrating this database.", Pause, cancellationToken);
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
        // EF Core interprets braces as parameters, and the name of a role may contain some.
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
