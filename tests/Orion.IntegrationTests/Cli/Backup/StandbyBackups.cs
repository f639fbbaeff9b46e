using System.Text.Json;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.IntegrationTests.Cli.Backup;

/// <summary><c>orion backup</c> of a cluster with a real standby.</summary>
public sealed class StandbyBackups(ReplicatedPostgres postgres) : IClassFixture<ReplicatedPostgres>, IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("orion-standby-");

    private string Folder => Path.Combine(_parent.FullName, "backups");

    private string Standby => $"127.0.0.1:{postgres.Ports.Replica}";

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public async Task A_backup_of_a_cluster_is_read_from_the_standby_and_restored_on_the_primary()
    {
        var port = Path.Combine(_parent.FullName, "port");
        var report = Json(await Run(await With($"echo \"$PGPORT\" >'{port}'; exec \"$real\" \"$@\"", Cluster), "backup", Folder, "--standby", "--json"));

        Assert.Equal((Standby, true), (report.GetProperty("standby").GetString(), report.GetProperty("restored").GetBoolean()));
        Assert.Equal($"{postgres.Ports.Replica}\n", await File.ReadAllTextAsync(port, TestContext.Current.CancellationToken));
        Assert.Empty(await postgres.Database.Query("SELECT datname FROM pg_database WHERE datname LIKE 'orion_backup_check%'"));
        await ShouldBeRestorable(report);
    }

    [Fact]
    public async Task A_backup_of_only_a_standby_is_verified_by_the_rows_in_its_file()
    {
        await using var role = await DatabaseRole.Create(postgres.Database);
        // It may not create a database.
        await postgres.Database.Execute($"GRANT pg_read_all_data TO {role.Name}");
        await postgres.Replayed();
        var url = ReplicatedPostgres.Url(role.Connection, postgres.Ports.Replica);

        foreach (var options in (string[][])[[], ["--standby"]])
        {
            var ended = await Run(Environment(url), ["backup", Folder, "--json", .. options]);
            var report = Json(ended);
            Assert.Equal((Standby, false), (report.GetProperty("standby").GetString(), report.GetProperty("restored").GetBoolean()));
            await ShouldBeRestorable(report);
        }

        var text = (await Run(Environment(url), "backup", Folder)).Should(0);
        Assert.Contains($" from the standby {Standby}, ", text.Out, StringComparison.Ordinal);
        Assert.Contains(" read and counted in ", text.Out, StringComparison.Ordinal);
        Assert.Contains("was not restored", text.Error, StringComparison.Ordinal);
        var settings = Environment(url);
        settings["BACKUP_DIR"] = Folder;
        Assert.Matches("(?m)^pass +backups ", (await Run(settings, "doctor")).Out);
    }

    [Fact]
    public async Task A_partitioned_database_of_only_a_standby_is_verified_by_the_rows_in_its_file()
    {
        await using var database = await PostgresDatabase.Create(postgres.Primary.Superuser);
        await using (var server = await OrionServer.Start(database)) await server.Api.Create(new { firstMessage = "One" });
        await PartitionedDatabase.Partition(database, 4);
        await postgres.Replayed();
        var environment = CommandTests.Environment(database, ("DATABASE_URL", ReplicatedPostgres.Url(database.Connection, postgres.Ports.Replica)));

        var report = Json(await Run(environment, "backup", Folder, "--json"));

        Assert.Equal((false, "1"), (report.GetProperty("restored").GetBoolean(), report.GetProperty("messages").GetRawText()));
    }

    [Fact]
    public async Task Without_its_primary_the_standby_of_a_cluster_is_backed_up()
    {
        var environment = Environment(postgres.Url(ReplicatedPostgres.Lost, postgres.Ports.Replica));
        environment["MIGRATION_DATABASE_URL"] = environment["DATABASE_URL"];

        await ShouldBeRestorable(Json(await Run(environment, "backup", Folder, "--standby", "--json")));
        var failed = (await Run(environment, "backup", Folder)).Should(69);
        Assert.Single(Directory.EnumerateFiles(Folder, "orion-*"));
        Assert.StartsWith("orion: ", failed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"$real\" \"$@\" && for last; do :; done && truncate -s -100 \"${last#--file=}\"", "pg_restore failed")]
    [InlineData("\"$real\" --exclude-table-data=messages \"$@\"", "differs from the database: messages.")]
    public async Task A_damaged_or_incomplete_file_of_a_standby_is_detected(string dump, string reason)
    {
        var ended = (await Run(await With(dump, postgres.Url(postgres.Ports.Replica)), "backup", Folder)).Should(1);

        Assert.Contains(reason, ended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Folder, "orion-*"));
    }

    [Fact]
    public async Task Without_a_standby_no_backup_is_made()
    {
        var ended = (await Run(Environment(postgres.Url(postgres.Ports.Primary, ReplicatedPostgres.Lost)), "backup", Folder, "--standby")).Should(1);

        Assert.Contains($"is a standby: 127.0.0.1:{postgres.Ports.Primary} is a primary, 127.0.0.1:1 cannot be used (", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_standby_that_is_too_far_behind_is_backed_up_only_on_request()
    {
        try
        {
            await postgres.WhilePaused(async () =>
            {
                await postgres.Database.Execute("CREATE TABLE IF NOT EXISTS later (id int)");

                var ended = (await Run(Environment(Cluster), "backup", Folder, "--standby", "--max-lag", "1")).Should(1);
                Assert.Matches($@"The standby {Standby} is \d+ s behind its primary, because its replay is paused\. .*--max-lag", ended.Error);
                await ShouldBeRestorable(Json(await Run(Environment(Cluster), "backup", Folder, "--standby", "--max-lag", "0", "--json")));
            });
        }
        finally
        {
            await postgres.Database.Execute("DROP TABLE IF EXISTS later");
        }

        (await Run(Environment(Cluster), "backup", Folder, "--max-lag", "-1")).Should(64);
    }

    [Fact]
    public async Task A_backup_that_the_standby_ends_is_explained_and_with_the_primary_it_does_not_happen()
    {
        await postgres.OnReplica("ALTER SYSTEM SET max_standby_streaming_delay = 0");
        await postgres.OnReplica("SELECT pg_reload_conf()");
        await postgres.Database.Execute("CREATE TABLE short (id int)");
        try
        {
            var ended = (await BackUpWhileRowsAreRemoved(postgres.Url(postgres.Ports.Replica))).Should(1);
            Assert.Contains("recovery conflict", ended.Error, StringComparison.Ordinal);
            Assert.Contains("hot_standby_feedback", ended.Error, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(Folder, "orion-*"));

            (await BackUpWhileRowsAreRemoved(Cluster)).Should(0);
            Assert.Single(Directory.EnumerateFiles(Folder, "orion-*"));
        }
        finally
        {
            await postgres.OnReplica("ALTER SYSTEM RESET max_standby_streaming_delay");
            await postgres.OnReplica("SELECT pg_reload_conf()");
            await postgres.Database.Execute("DROP TABLE short");
        }
    }

    /// <summary>Removes rows that the snapshot of the backup still sees.</summary>
    private async Task<OrionCommand.Ended> BackUpWhileRowsAreRemoved(string url)
    {
        await postgres.Database.Execute("INSERT INTO short SELECT generate_series(1, 1000)");
        await postgres.Replayed();
        var (begun, go) = (Path.Combine(_parent.FullName, "begun"), Path.Combine(_parent.FullName, "go"));
        var environment = await With($"touch '{begun}'; while [ ! -e '{go}' ]; do sleep 0.05; done; exec \"$real\" \"$@\"", url);
        var running = Run(environment, "backup", Folder, "--standby");
        await Eventually.Until(() => File.Exists(begun), "It does not begin.");
        await postgres.Database.Execute("DELETE FROM short");
        await postgres.Database.Execute("VACUUM short");
        await postgres.Replayed();
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        var ended = await running;
        File.Delete(begun);
        File.Delete(go);
        return ended;
    }

    private string Cluster => postgres.Url(postgres.Ports.Primary, postgres.Ports.Replica);

    private async Task ShouldBeRestorable(JsonElement report)
    {
        Assert.Equal(("1", "2"), (report.GetProperty("sessions").GetRawText(), report.GetProperty("messages").GetRawText()));
        await using var restored = await PostgresDatabase.Create(postgres.Primary.Superuser);
        string[] arguments = ["--exit-on-error", "--single-transaction", $"--dbname={restored.Connection.Database}", report.GetProperty("file").GetString()!];
        await (await FakePostgresTools.Find()).RunRestore(arguments, LibpqEnvironment.Of(restored.Connection), TestContext.Current.CancellationToken);
        Assert.Equal(["one|", "two|"], await restored.Query("SELECT content FROM messages ORDER BY sequence"));
    }

    private Task<OrionCommand.Ended> Run(Dictionary<string, string> environment, params string[] arguments) =>
        OrionCommand.Run(arguments, _parent.FullName, environment);

    private Dictionary<string, string> Environment(string url) => CommandTests.Environment(postgres.Database, ("DATABASE_URL", url));

    private static JsonElement Json(OrionCommand.Ended ended) => JsonDocument.Parse(ended.Should(0).Out).RootElement;

    private async Task<Dictionary<string, string>> With(string dump, string url)
    {
        var environment = Environment(url);
        environment["PATH"] = await FakePostgresTools.Write(_parent.FullName, dump);
        return environment;
    }
}
