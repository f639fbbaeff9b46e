
namespace Orion.IntegrationTests.Cli.Database;

/// <summary>DATABASE_URL and MIGRATION_DATABASE_URL must name one database.</summary>
public sealed class SameDatabaseTests(PostgresServers servers)
{
    private const int SettingsAreWrong = 78;

    [Theory]
    [InlineData(false)]
    // A role that may not read the cluster's identifier still sees the database's OID.
    [InlineData(true)]
    public async Task Two_different_databases_are_rejected_by_migrate_backup_doctor_and_start(bool mayNotAsk)
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var core = await PostgresDatabase.Create(postgres.Superuser);
        await using var other = await PostgresDatabase.Create(postgres.Superuser);
        await using var role = await DatabaseRole.Create(core);
        await using (await OrionServer.Start(core, role.Url)) { }
        await using (await OrionServer.Start(other)) { }
        if (mayNotAsk) await core.Execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        var environment = CommandTests.Environment(core, role.Url, ("MIGRATION_DATABASE_URL", PostgresDatabase.Url(other.Connection)));
        var before = await other.Snapshot() + await core.Snapshot();
        var folder = Directory.CreateTempSubdirectory("orion-one-").FullName;
        try
        {
            foreach (var command in (string[][])[["migrate"], ["migrate", "--check"], ["backup", folder]])
            {
                var ended = (await Run(environment, command)).Should(SettingsAreWrong);
                Assert.Contains(core.Address, ended.Error, StringComparison.Ordinal);
                Assert.Contains(other.Address, ended.Error, StringComparison.Ordinal);
                Assert.Contains("two databases", ended.Error, StringComparison.Ordinal);
                Assert.DoesNotContain(core.Password!, ended.Output, StringComparison.Ordinal);
            }

            Assert.Empty(Directory.EnumerateFiles(folder, "orion-*"));
            Assert.Matches("(?m)^FAIL +migration database .*two databases", (await Run(environment, "doctor")).Should(2).Out);

            environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
            foreach (var migrates in (string[])["true", "false"])
            {
                environment["MIGRATE_ON_START"] = migrates;
                var started = await OrionProcess.RunToItsEnd(folder, environment);
                Assert.Equal(SettingsAreWrong, started.ExitCode);
                Assert.Contains("two databases", started.Output, StringComparison.Ordinal);
            }

            Assert.Equal(before, await other.Snapshot() + await core.Snapshot());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task One_database_by_two_roles_and_two_spellings_is_recognized()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        var environment = CommandTests.Environment(database, role.Url, ("MIGRATION_DATABASE_URL", PostgresDatabase.Url(database.Connection)));

        (await Run(environment, "migrate")).Should(0);

        Assert.Matches("(?m)^pass +migration database .*the same database", (await Run(environment, "doctor")).Out);
    }

    [Fact]
    public async Task Doctor_and_command_name_missing_rights_and_how_to_grant_them()
    {
        await using var database = await PostgresDatabase.Create(await servers.Shared());
        await using var role = await DatabaseRole.Create(database);
        await using (await OrionServer.Start(database)) { }
        var environment = CommandTests.Environment(database, role.Url);

        var doctor = (await Run(environment, "doctor")).Should(2).Out;
        Assert.Matches("(?m)^FAIL +migrations .*lacks rights on __EFMigrationsHistory, authorized_users, .*sessions", doctor);
        Assert.Contains("MIGRATION_DATABASE_URL", doctor, StringComparison.Ordinal);

        await database.Execute($"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role.Name}");
        var command = (await Run(environment, "users", "grant", "friend@example.com")).Should(69);
        Assert.Contains("permission denied for table authorized_users", command.Error, StringComparison.Ordinal);
        Assert.Contains("MIGRATION_DATABASE_URL", command.Error, StringComparison.Ordinal);

        environment["MIGRATION_DATABASE_URL"] = PostgresDatabase.Url(database.Connection);
        (await Run(environment, "migrate")).Should(0);
        Assert.Matches("(?m)^pass +migrations +none pending", (await Run(environment, "doctor")).Out);
        (await Run(environment, "users", "grant", "friend@example.com")).Should(0);
    }

    private static Task<OrionCommand.Ended> Run(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        OrionCommand.Run(arguments, Path.GetTempPath(), environment);
}
