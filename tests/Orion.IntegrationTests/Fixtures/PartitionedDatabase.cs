using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Creates databases whose tables scripts/partitions.sql has partitioned by the hash of <c>owner_id</c>. Their connections report each plan
/// that was executed, including those of foreign keys, as a notice to the client (auto_explain). <see cref="PartitionCheck"/> reads them.
/// </summary>
internal static class PartitionedDatabase
{
    /// <summary>Set to a number of parts, all tests of <see cref="PostgresOrion"/> run on partitioned tables.</summary>
    private const string Variable = "ORION_TEST_PARTITIONS";

    // An INSERT routes its rows without a scan: its plan names the part only as the part of a trigger.
    private const string Triggers = """
        CREATE FUNCTION orion_row_written() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        DO $$
        DECLARE part regclass;
        BEGIN
            FOR part IN SELECT oid FROM pg_class WHERE relkind = 'p' LOOP
                EXECUTE format('CREATE TRIGGER row_written AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION orion_row_written()', part);
            END LOOP;
        END
        $$
        """;

    /// <summary>The number of parts in all tests; null without partitions.</summary>
    internal static int? Parts { get; } =
        int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var parts) ? parts : null;

    internal static async Task<PostgresDatabase> Create(NpgsqlConnectionStringBuilder server, int parts, string plans = "auto")
    {
        var database = await PostgresDatabase.Create(server);
        await Migrate(database);
        await Partition(database, parts);
        await database.Execute(Triggers);
        string[] settings =
        [
            "session_preload_libraries = auto_explain", "auto_explain.log_min_duration = 0", "auto_explain.log_level = notice",
            "auto_explain.log_format = json", "auto_explain.log_analyze = on", "auto_explain.log_timing = off", "auto_explain.log_triggers = on",
            "auto_explain.log_nested_statements = on", $"plan_cache_mode = {plans}",
        ];
        foreach (var setting in settings) await database.Execute($"ALTER DATABASE {database.Connection.Database} SET {setting}");
        database.ClearPool();
        database.IsPartitioned = true;
        return database;
    }

    /// <summary>Runs scripts/partitions.sql.</summary>
    internal static async Task Partition(TestDatabase database, int parts) =>
        await database.Execute($"SET orion.partitions = {parts};\n{await PostgresCluster.Read("partitions.sql")}");

    private static async Task Migrate(PostgresDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Pooling = false });
        await using var context = new PostgresDbContext(new DbContextOptionsBuilder<PostgresDbContext>().UseOrionPostgres(source).Options);
        await context.Database.MigrateAsync();
    }
}
