
namespace Orion.IntegrationTests.Cli.Database;

/// <summary><c>orion migrate</c>, each time on a new database.</summary>
public abstract class MigrateCommandTests(OrionFixture orion) : CommandTests(orion)
{
    [Fact]
    public async Task A_new_database_is_pending_then_migrated_then_ready_for_commands()
    {
        await using var database = await Orion.CreateDatabase();
        var environment = Environment(database, ("MIGRATE_ON_START", "false"));

        ShouldBeOneLine((await Run(environment, "", "token", "mint")).Should(69));
        var pending = Json((await Run(environment, "", "migrate", "--check", "--json")).Should(1));
        Assert.NotEqual(0, pending.GetProperty("pending").GetArrayLength());

        (await Run(environment, "", "migrate")).Should(0);

        (await Run(environment, "", "migrate", "--check")).Should(0);
        Assert.Contains("Nothing", (await Run(environment, "", "migrate")).Should(0).Out, StringComparison.Ordinal);
        (await Run(environment, "", "token", "mint")).Should(0);
        await using var server = await OrionServer.Start(database, ("MIGRATE_ON_START", "false"));
        (await server.Api.Get("/api/me")).Should(200);
    }

    [Fact]
    public async Task The_script_does_what_migrating_does()
    {
        await using var database = await Orion.CreateDatabase();
        var environment = Environment(database);

        var script = (await Run(environment, "", "migrate", "--script")).Should(0).Out;
        (await Run(environment, "", "migrate", "--check")).Should(1);
        await database.Execute(script);

        (await Run(environment, "", "migrate", "--check")).Should(0);
        Assert.Empty((await Run(environment, "", "migrate", "--script")).Should(0).Out);
        await using var server = await OrionServer.Start(database, ("MIGRATE_ON_START", "false"));
        Assert.NotEmpty(await server.Api.Create());
    }

    [Fact]
    public async Task Contradictory_options_are_rejected()
    {
        ShouldBeOneLine((await Command("migrate", "--check", "--script")).Should(64));
    }
}

[Collection(CliOnPostgres.Name)]
public sealed class MigrateCommandOnPostgres(PostgresOrion orion) : MigrateCommandTests(orion)
{
    [Theory]
    [InlineData("migrate")]
    [InlineData("migrate", "--check")]
    [InlineData("users", "list")]
    public async Task A_missing_database_is_named(params string[] command)
    {
        var url = Orion.Database.Settings["DATABASE_URL"].Replace("/orion_test_", "/orion_missing_", StringComparison.Ordinal);

        var ended = (await Run(Environment(Orion.Database, ("DATABASE_URL", url)), "", command)).Should(69);

        ShouldBeOneLine(ended);
        Assert.Contains("has no such database", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_respond_is_one_line_without_credentials()
    {
        var environment = Environment(Orion.Database, ("DATABASE_URL", "postgresql://orion:hunter2-in-the-url@127.0.0.1:1/orion"));

        foreach (var command in (string[][])[["migrate"], ["migrate", "--check"], ["users", "list"]])
        {
            var ended = (await Run(environment, "", command)).Should(69);
            ShouldBeOneLine(ended);
            Assert.DoesNotContain("hunter2", ended.Error, StringComparison.Ordinal);
        }
    }
}

[Collection(CliOnSqlite.Name)]
public sealed class MigrateCommandOnSqlite(SqliteOrion orion) : MigrateCommandTests(orion)
{
    /// <summary>Files that another account such as root creates would be inaccessible to the service.</summary>
    [Theory]
    [InlineData(2, "doctor")]
    [InlineData(1, "migrate", "--check")]
    [InlineData(0, "migrate", "--script")]
    [InlineData(69, "users", "list")]
    [InlineData(69, "users", "grant", "somebody@example.com")]
    [InlineData(69, "token", "mint")]
    [InlineData(69, "export", "--user", OrionServer.Owner)]
    [InlineData(1, "backup", "{0}/backups")]
    public async Task Only_migrate_creates_files(int exitCode, params string[] command)
    {
        var parent = Directory.CreateTempSubdirectory("orion-migrate-");
        try
        {
            await using var database = await Orion.CreateDatabase();
            foreach (var isDevelopment in (bool[])[false, true])
            {
                var environment = Environment(database, ("ORION_DATA_DIR", Path.Combine(parent.FullName, "data")));
                if (isDevelopment) environment.Remove("ORION_SHARED_JWT_SECRET");
                var arguments = command.Select(argument => argument.Replace("{0}", parent.FullName, StringComparison.Ordinal));

                var ended = (await Run(environment, "", [.. arguments, "--environment", isDevelopment ? "Development" : "Production"])).Should(exitCode);

                Assert.Empty(parent.EnumerateFileSystemInfos());
                if (exitCode == 69) Assert.Contains("does not exist yet", ended.Error, StringComparison.Ordinal);
            }
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Pending_migrations_are_applied_only_after_a_backup()
    {
        var parent = Directory.CreateTempSubdirectory("orion-migrate-");
        try
        {
            var folder = Path.Combine(parent.FullName, "backups");
            await using var database = await Orion.CreateDatabase();
            var environment = Environment(database, ("MIGRATE_ON_START", "false"), ("BACKUP_DIR", folder));

            // A new database has nothing to lose.
            Assert.DoesNotContain("backup ", (await Run(environment, "", "migrate")).Should(0).Out, StringComparison.Ordinal);
            await database.Execute("DELETE FROM \"__EFMigrationsHistory\" WHERE migration_id = (SELECT max(migration_id) FROM \"__EFMigrationsHistory\")");
            await using (new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            {
                var rejected = (await Run(environment, "", "migrate")).Should(1);
                ShouldBeOneLine(rejected);
                Assert.Contains("No backup was made", rejected.Error, StringComparison.Ordinal);
            }

            // That migration was applied before, so it fails now. The backup exists nevertheless.
            await Run(environment, "", "migrate");
            Assert.Single(Directory.EnumerateFiles(folder, "orion-*.db"));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }
}
