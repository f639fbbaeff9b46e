using Npgsql;
using Orion.IntegrationTests.Cli;

namespace Orion.IntegrationTests.Persistence;

/// <summary>A migration never waits for a lock so long that others queue behind it, and logs what it waits for.</summary>
public sealed class MigrationWaits(PostgresServers servers)
{
    private const string Waits = "blocks the migration";

    [Theory]
    [InlineData("sessions")]
    // EF Core locks this table for the whole migration; pg_dump reads it like any other table.
    [InlineData("\"__EFMigrationsHistory\"")]
    public async Task Requests_do_not_queue_behind_a_migration_that_waits_for_a_long_reader(string table)
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        // These timeouts would end the idle transaction of the migrator's lock, and a waiting statement.
        await role.Alter("SET idle_in_transaction_session_timeout = '5s'");
        await role.Alter("SET statement_timeout = '1s'");
        await using (await OrionServer.Start(database, role.Url)) { }
        await RevertLastMigration(database);
        await using var reader = await LongReader.On(database, table);
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
                // One after the other: a transaction that reads both can deadlock with the migration.
                foreach (var read in (string[])["sessions", "\"__EFMigrationsHistory\""])
                {
                    await using var command = new NpgsqlCommand($"SELECT count(*) FROM {read}", another);
                    await command.ExecuteScalarAsync();
                }

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
    public async Task A_start_waits_for_a_server_that_disappears_during_its_migration()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using (await OrionServer.Start(database)) { }
        await RevertLastMigration(database);
        var reader = await LongReader.On(database, "sessions");
        await using var server = await OrionServer.Launch(database, null);
        await WaitForLog(server, Waits);

        await postgres.Freeze();
        await WaitForLog(server, "cannot be used yet");
        (await server.Anonymous.Get("/health")).Should(503);
        await postgres.Thaw();
        await reader.DisposeAsync();

        await server.BecomesReady();
        await server.Api.Create();
    }

    private static Task WaitForLog(OrionServer server, string text) => Eventually.Until(
        () => server.Log.All.Any(line => line.Text.Contains(text, StringComparison.Ordinal)), $"It does not say: {text}", TimeSpan.FromSeconds(20));

    // The state of a database of the previous version.
    private static Task<int> RevertLastMigration(PostgresDatabase database) => database.Execute("""
        DROP TABLE idempotency_keys;
        ALTER TABLE sessions DROP COLUMN tokens_valid_from;
        DELETE FROM "__EFMigrationsHistory" WHERE migration_id LIKE '%SessionTokensAndIdempotency';
        """);

    /// <summary>A transaction that has read a table, like that of pg_dump.</summary>
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
