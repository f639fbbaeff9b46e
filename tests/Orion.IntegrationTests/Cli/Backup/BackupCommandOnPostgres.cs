using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.IntegrationTests.Cli.Backup;

/// <summary>Orion on PostgreSQL from the programs of this machine, because pg_dump must not be older than the server.</summary>
public sealed class LocalPostgresOrion : OrionFixture
{
    private IStoppablePostgres? _server;

    public override async Task<TestDatabase> CreateDatabase() =>
        await PostgresDatabase.Create((_server ??= await PostgresServers.StartStoppable()).Superuser);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>With <c>pg_dump</c> and <c>pg_restore</c>, or with scripts that pretend to be newer versions and fail.</summary>
public sealed class BackupCommandOnPostgres(LocalPostgresOrion orion) : BackupCommandTests(orion), IClassFixture<LocalPostgresOrion>
{
    private const string LeftOvers = "SELECT datname FROM pg_database WHERE datname LIKE 'orion_backup_check%'";

    [Fact]
    public async Task A_role_without_CREATEDB_is_reported_and_works_once_it_has_it()
    {
        var (role, password) = ($"orion \"{RandomNumberGenerator.GetHexString(8)}\"", RandomNumberGenerator.GetHexString(16));
        var quoted = $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await Orion.Database.Execute($"CREATE ROLE {quoted} LOGIN PASSWORD '{password}'; GRANT pg_read_all_data TO {quoted}");
        var service = new NpgsqlConnectionStringBuilder(Postgres.Connection.ConnectionString) { Username = role, Password = password };
        // With two roles, the one that owns the tables makes the backup. The service's own role could not.
        var environment = Environment(Orion.Database, ("MIGRATION_DATABASE_URL", PostgresDatabase.Url(service)));

        var rejected = (await Run(environment, "", "backup", Folder)).Should(1);
        ShouldBeOneLine(rejected);
        Assert.Contains($"ALTER ROLE {quoted} CREATEDB", rejected.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(password, rejected.Error, StringComparison.Ordinal);
        Assert.Empty(Backups());
        environment["BACKUP_DIR"] = Folder;
        var doctor = (await Run(environment, "", "doctor")).Should(1).Out;
        Assert.Matches("(?m)^warn +backups +orion backup cannot create backups", doctor);
        Assert.Contains($"ALTER ROLE {quoted} CREATEDB", doctor, StringComparison.Ordinal);

        await Orion.Database.Execute($"ALTER ROLE {quoted} CREATEDB");
        Assert.Matches("(?m)^pass +backups +orion backup can create backups", (await Run(environment, "", "doctor")).Out);
        (await Run(environment, "", "backup", Folder)).Should(0);
        Assert.Empty(await Orion.Database.Query(LeftOvers));
        await Orion.Database.Execute($"DROP OWNED BY {quoted}; DROP ROLE {quoted}");
    }

    [Fact]
    public async Task A_database_that_does_not_respond_is_one_line_without_credentials()
    {
        var ended = (await Run(Environment(Orion.Database, ("DATABASE_URL", "postgresql://orion:hunter2-in-the-url@127.0.0.1:1/orion")), "", "backup", Folder)).Should(69);

        ShouldBeOneLine(ended);
        Assert.DoesNotContain("hunter2", ended.Error, StringComparison.Ordinal);
        Assert.Empty(Backups());
    }

    [Theory]
    [InlineData("echo 'pg_dump: error: could not write to output file: No space left on device' >&2; exit 1", null, "No space left on device")]
    [InlineData("\"$real\" \"$@\" && for last; do :; done && truncate -s -100 \"${last#--file=}\"", null, "pg_restore failed")]
    [InlineData(null, "exit 0", "differs from the database: ")]
    [InlineData(null, "echo 'pg_restore: error: COPY failed: invalid input: \"what was written\"' >&2; echo 'CONTEXT: what was written' >&2; exit 1", "COPY failed")]
    public async Task A_backup_that_fails_or_cannot_be_restored_leaves_no_file_and_the_error_names_the_cause(string? dump, string? restore, string reason)
    {
        await Api.Create(new { firstMessage = "what was written" });
        (await Command("backup", Folder)).Should(0);
        var before = Backups();

        var ended = (await Run(await With(dump, restore), "", "backup", Folder, "--keep", "1")).Should(1);

        ShouldBeOneLine(ended);
        Assert.Contains(reason, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("what was written", ended.Error, StringComparison.Ordinal);
        Assert.Equal(before, Backups());
        Assert.Empty(await Orion.Database.Query(LeftOvers));
    }

    [Fact]
    public async Task A_partitioned_database_is_backed_up_whole()
    {
        await using var database = (PostgresDatabase)await Orion.CreateDatabase();
        await using (var server = await OrionServer.Start(database))
        {
            var id = await server.Api.Create(new { firstMessage = "One" });
            using var stream = await server.Api.OpenReply(id);
            await stream.Until("finish");
        }

        await PartitionedDatabase.Partition(database, 4);
        Assert.NotEqual(["0|"], await database.Query("SELECT count(*) FROM reply_frames"));

        var report = JsonDocument.Parse((await Run(Environment(database), "", "backup", Folder, "--json")).Should(0).Out).RootElement;

        Assert.Equal(("1", "3"), (report.GetProperty("sessions").GetRawText(), report.GetProperty("messages").GetRawText()));
        await using var restored = await Restore(report.GetProperty("file").GetString()!);
        Assert.Equal(["1|3|0|"], await restored.Query(
            "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages), (SELECT count(*) FROM reply_frames)"));
    }

    [Fact]
    public async Task An_interrupted_backup_drops_the_scratch_database_and_leaves_no_file()
    {
        if (OperatingSystem.IsWindows()) return;

        var ended = await OrionCommand.RunProcess(["backup", Folder], Parent.FullName, await With(null, "exec sleep 100"), meanwhile: async process =>
        {
            await Eventually.Until(async () => (await Orion.Database.Query(LeftOvers)).Count == 1, "It does not restore.");
            using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        });

        ended.Should(130);
        Assert.Empty(Backups());
        Assert.Empty(await Orion.Database.Query(LeftOvers));
    }

    [Fact]
    public async Task The_next_backup_removes_what_a_killed_one_left()
    {
        if (OperatingSystem.IsWindows()) return;

        await OrionCommand.RunProcess(["backup", Folder], Parent.FullName, await With(null, "exec sleep 100"), meanwhile: async process =>
        {
            await Eventually.Until(async () => (await Orion.Database.Query(LeftOvers)).Count == 1, "It does not restore.");
            // Only one backup runs at a time, even into another folder.
            ShouldBeOneLine((await Command("backup", Path.Combine(Parent.FullName, "other"))).Should(1));
            process.Kill(entireProcessTree: true);
        });
        Assert.Single(await Orion.Database.Query(LeftOvers));
        Assert.EndsWith(".draft", Assert.Single(Backups()), StringComparison.Ordinal);

        (await Command("backup", Folder)).Should(0);

        Assert.EndsWith(".dump", Assert.Single(Backups()), StringComparison.Ordinal);
        Assert.Empty(await Orion.Database.Query(LeftOvers));
    }

    [Fact]
    public async Task The_programs_of_the_newest_version_with_both_are_used()
    {
        await With("exit 1", "exit 1");

        Assert.Equal(99, (await PostgresTools.Find([.. PostgresTools.UsualFolders, Parent.FullName], TestContext.Current.CancellationToken))!.Version.Major);
        File.Delete(Path.Combine(Parent.FullName, "pg_restore"));
        Assert.Null(await PostgresTools.Find([Parent.FullName, "/nowhere"], TestContext.Current.CancellationToken));
    }

    private protected override async Task<TestDatabase> Restore(string file)
    {
        var database = (PostgresDatabase)await Orion.CreateDatabase();
        var (tools, to) = (await FakePostgresTools.Find(), database.Connection);
        string[] arguments = ["--exit-on-error", "--single-transaction", $"--dbname={to.Database}", file];
        await tools.RunRestore(arguments, LibpqEnvironment.Of(to), TestContext.Current.CancellationToken);
        return database;
    }

    private PostgresDatabase Postgres => (PostgresDatabase)Orion.Database;

    private async Task<Dictionary<string, string>> With(string? dump, string? restore) =>
        Environment(Orion.Database, ("PATH", await FakePostgresTools.Write(Parent.FullName, dump, restore)));
}
