using Npgsql;
using Orion.IntegrationTests.Cli;

namespace Orion.IntegrationTests.Persistence;

/// <summary>A migration waits for no lock so long that others wait behind it, and says what it waits for.</summary>
public sealed class MigrationWaits(PostgresServers servers)
{
    private const string Waits = "blocks the migration";

    [Theory]
    [InlineData("sessions")]
    // EF Core locks it for the whole migration; pg_dump reads it as any other table.
    [InlineData("\"__EFMigrationsHistory\"")]
    public async Task Nobody_queues_up_behind_a_migration_that_waits_for_a_long_reader(string table)
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        // Both would end the migrator's lock, which idles, and a statement that waits.
        await role.Alter("SET idle_in_transaction_session_timeout = '1s'");
        await role.Alter("SET statement_timeout = '1s'");
        await using (await OrionServer.Start(database, role.Url)) { }
        await TakeBackLastMigration(database);
        var reader = await LongReader.On(database, table);
        var environment = CommandTests.Environment(database, role.Url);

        var ended = await OrionCommand.RunProcess(["migrate"], Path.GetTempPath(), environment, meanwhile: async process =>
        {
            await Eventually.Until(
                async () => (await database.Query("SELECT 1 FROM pg_stat_activity WHERE usename = @p0 AND wait_event_type = 'Lock'", role.Name)).Count > 0,
                "It does not wait for the lock.");
            for (var round = 0; round < 40; round++)
            {
                await using var another = new NpgsqlConnection(
                    new NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Pooling = false, CommandTimeout = 5 }.ConnectionString);
                await another.OpenAsync();
                await using var command = new NpgsqlCommand("SELECT count(*) FROM sessions, \"__EFMigrationsHistory\"", another);
                await command.ExecuteScalarAsync();
                await Task.Delay(100);
            }

            Assert.False(process.HasExited);
            Assert.Single(await database.Query(
                "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted AND usename = @p0", role.Name));
            await reader.DisposeAsync();
        });

        ended.Should(0);
        Assert.Contains(Waits, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_vanishes_in_the_middle_of_a_migration_at_start_is_noticed_and_waited_for()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using (await OrionServer.Start(database)) { }
        await TakeBackLastMigration(database);
        var reader = await LongReader.On(database, "sessions");
        await using var server = await OrionServer.Launch(database, null);
        await Says(server, Waits);

        await postgres.Freeze();
        await Says(server, "cannot be used yet");
        (await server.Anonymous.Get("/health")).Should(503);
        await postgres.Thaw();
        await reader.DisposeAsync();

        await server.BecomesReady();
        await server.Api.Create();
    }

    private static Task Says(OrionServer server, string text) => Eventually.Until(
        () => server.Log.All.Any(line => line.Text.Contains(text, StringComparison.Ordinal)), $"It does not say: {text}", TimeSpan.FromSeconds(20));

    // As an operator takes over a database of the version before.
    private static Task<int> TakeBackLastMigration(PostgresDatabase database) => database.Execute("""
        DROP TABLE idempotency_keys;
        ALTER TABLE sessions DROP COLUMN tokens_valid_from;
        DELETE FROM "__EFMigrationsHistory" WHERE migration_id LIKE '%SessionTokensAndIdempotency';
        """);

    /// <summary>A transaction that has read a table, as pg_dump has.</summary>
    private static class LongReader
    {
        internal static async Task<NpgsqlConnection> On(PostgresDatabase database, string table)
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                $"BEGIN; LOCK TABLE {table} IN ACCESS SHARE MODE", connection);
            await command.ExecuteNonQueryAsync();
            return connection;
        }
    }
}
