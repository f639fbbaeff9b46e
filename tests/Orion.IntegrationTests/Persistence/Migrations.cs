using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Orion.Infrastructure.Persistence;
using Orion.Infrastructure.Persistence.Postgres;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.IntegrationTests.Persistence;

public abstract class Migrations(OrionFixture orion)
{
    protected OrionFixture Orion => orion;

    [Fact]
    public async Task Each_migration_can_be_reverted_and_applied_again()
    {
        await using var database = await orion.CreateDatabase();
        await using var context = Open(database);
        var migrator = context.GetService<IMigrator>();
        var names = context.Database.GetMigrations().ToList();

        foreach (var name in names)
        {
            await migrator.MigrateAsync(name, TestContext.Current.CancellationToken);
            Assert.Equal(name, (await context.Database.GetAppliedMigrationsAsync(TestContext.Current.CancellationToken)).Last());
        }

        await migrator.MigrateAsync(Migration.InitialDatabase, TestContext.Current.CancellationToken);
        Assert.Equal(names, await context.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));

        await using var server = await OrionServer.Start(database);
        await server.Api.Create(new { firstMessage = "There" });
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_start_applies_a_single_missing_migration()
    {
        await using var database = await orion.CreateDatabase();
        await using (var first = await OrionServer.Start(database)) await first.Api.Create();
        await using var context = Open(database);
        string[] names = [Migration.InitialDatabase, .. context.Database.GetMigrations()];
        await context.GetService<IMigrator>().MigrateAsync(names[^2], TestContext.Current.CancellationToken);

        await using var second = await OrionServer.Start(database);

        await second.Api.Create();
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_MIGRATE_ON_START_it_waits_for_the_migration()
    {
        await using var database = await orion.CreateDatabase();
        await using var waiting = await OrionServer.Launch(database, null, ("MIGRATE_ON_START", "false"));
        await Eventually.Until(() => waiting.Log.All.Any(line => line.Text.Contains("MIGRATE_ON_START", StringComparison.Ordinal)), "It does not say what it waits for.");

        Assert.Equal("starting", (await waiting.Anonymous.Get("/health/ready")).Should(503).Text("status"));
        var health = (await waiting.Anonymous.Get("/health")).Should(503);
        Assert.Equal("down", health.Text("status"));
        Assert.DoesNotContain("healthy", health.BodyText, StringComparison.OrdinalIgnoreCase);
        (await waiting.Anonymous.Get("/health/live")).Should(200);
        (await waiting.Api.Get("/api/sessions")).ShouldBeProblem(503, "unavailable").Required("Retry-After");

        await using var migrating = await OrionServer.Start(database);
        await waiting.BecomesReady(withinSeconds: 10);
        await waiting.Api.Create();
    }

    /// <summary>Orion's tables in that database.</summary>
    private protected abstract OrionDbContext Open(TestDatabase database);
}

[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed class MigrationsOnPostgres(PostgresOrion orion) : Migrations(orion)
{
    [Fact]
    public async Task A_start_with_nothing_to_change_waits_for_no_lock()
    {
        await using var database = await Orion.CreateDatabase();
        await using (var first = await OrionServer.Start(database)) await first.Api.Create();
        await using var writer = new NpgsqlConnection(((PostgresDatabase)database).Connection.ConnectionString);
        await writer.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await writer.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("UPDATE authorized_users SET authorized_at = authorized_at", writer, transaction);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var second = await OrionServer.Start(database);

        (await second.Api.Get("/api/sessions")).Should(200);
    }

    private protected override OrionDbContext Open(TestDatabase database) => new PostgresDbContext(
        new DbContextOptionsBuilder<PostgresDbContext>().UseOrionPostgres(NpgsqlDataSource.Create(((PostgresDatabase)database).Connection.ConnectionString)).Options);
}

[Collection(OnSqlite.Name)]
public sealed class MigrationsOnSqlite(SqliteOrion orion) : Migrations(orion)
{
    [Fact]
    public async Task A_stale_migration_lock_does_not_block_the_next_starts()
    {
        await using var database = await Orion.CreateDatabase();
        await database.Execute("""
            CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
            INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00+00:00');
            """);

        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => OrionServer.Launch(database, null))));
        try
        {
            foreach (var server in servers) await server.BecomesReady(withinSeconds: 30);
            foreach (var server in servers) await server.Api.Create();
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_process_killed_while_it_migrates_does_not_block_the_next_start()
    {
        await using var database = await Orion.CreateDatabase();
        var folder = ((SqliteDatabase)database).DataFolder;
        // It is killed as soon as its database exists, at any point of its migration.
        await using (var killed = OrionProcess.Start(folder, OrionProcess.Environment(database, port: 0)))
        {
            await Eventually.Until(() => killed.HasEnded || File.Exists(Path.Combine(folder, "orion.db.migration-lock")), "It does not migrate.");
            await killed.Signal("KILL");
            await killed.Ends(TimeSpan.FromSeconds(10));
        }

        await using var server = await OrionServer.Start(database);
        await server.Api.Create();
    }

    [Fact]
    public async Task A_start_turns_on_write_ahead_logging_for_a_restored_database()
    {
        await using var database = await Orion.CreateDatabase();
        await using (var first = await OrionServer.Start(database)) await first.Api.Create();
        // The mode can change only if no other connection is open, not even in the pool.
        SqliteConnection.ClearAllPools();
        await database.Execute("PRAGMA journal_mode = DELETE");

        await using var second = await OrionServer.Start(database);

        Assert.Equal(["wal|"], await database.Query("PRAGMA journal_mode"));
    }

    private protected override OrionDbContext Open(TestDatabase database) => new SqliteDbContext(
        new DbContextOptionsBuilder<SqliteDbContext>()
            .UseOrionSqlite($"Data Source={Path.Combine(((SqliteDatabase)database).DataFolder, "orion.db")};Pooling=False").Options);
}
