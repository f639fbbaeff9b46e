namespace Orion.IntegrationTests.Cli.Doctor;

/// <summary>What <c>orion doctor</c> says of a cluster with a real standby.</summary>
public sealed class ReplicationCheckTests(ReplicatedPostgres postgres) : IClassFixture<ReplicatedPostgres>
{
    private string Primary => $"127.0.0.1:{postgres.Ports.Primary}";

    private string Standby => $"127.0.0.1:{postgres.Ports.Replica}";

    private string Cluster => postgres.Url(postgres.Ports.Primary, postgres.Ports.Replica);

    [Fact]
    public async Task A_healthy_cluster_passes_with_its_roles_lag_and_clocks()
    {
        var output = await Doctor(Cluster);

        Assert.Matches($"(?m)^pass +cluster +{Primary} is the primary, {Standby} is a standby$", output);
        Assert.Matches(@"(?m)^pass +replication +synchronous \(synchronous_standby_names = '\*'\), 1 standby connected, 1 synchronous$", output);
        Assert.Matches($"(?m)^pass +replication +{Standby} has replayed all changes$", output);
        Assert.Matches("(?m)^pass +clocks +the database is ", output);
        Assert.Matches($"(?m)^pass +clocks +{Standby} is ", output);
    }

    [Fact]
    public async Task The_services_own_role_sees_the_lag_too()
    {
        await using var role = await CreateRole();
        await postgres.Replayed();

        var output = await Doctor(ReplicatedPostgres.Url(role.Connection, postgres.Ports.Replica, postgres.Ports.Primary));

        Assert.Matches("(?m)^pass +replication +synchronous .*, 1 standby connected; which are synchronous is visible only to members of pg_monitor$", output);
        Assert.Matches($"(?m)^pass +replication +{Standby} has replayed all changes$", output);
        Assert.DoesNotContain(role.Connection.Password!, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_does_not_commit_synchronously_and_an_asynchronous_cluster_are_warnings()
    {
        await using var role = await CreateRole();
        await role.Alter("SET synchronous_commit = local");
        await postgres.Replayed();
        Assert.Matches(
            "(?m)^warn +replication +asynchronous, because synchronous_commit is local",
            await Doctor(ReplicatedPostgres.Url(role.Connection, postgres.Ports.Primary, postgres.Ports.Replica)));

        await postgres.Database.Execute("ALTER SYSTEM SET synchronous_standby_names = ''");
        await postgres.Database.Query("SELECT pg_reload_conf()");
        try
        {
            var output = "";
            await Eventually.Until(
                async () => (output = await Doctor(Cluster)).Contains("asynchronous", StringComparison.Ordinal), "The server does not load its settings.");
            Assert.Matches("(?m)^warn +replication +asynchronous, 1 standby connected: a failover may lose the latest writes$", output);
            // A single server of DATABASE_URL: no failover is expected.
            Assert.Matches("(?m)^pass +replication +asynchronous, 1 standby connected$", await Doctor(postgres.Url(postgres.Ports.Primary)));
        }
        finally
        {
            await postgres.Database.Execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
            await postgres.Database.Query("SELECT pg_reload_conf()");
        }
    }

    [Fact]
    public async Task A_standby_whose_replay_is_paused_is_a_warning_with_its_lag()
    {
        const string change = "CREATE TABLE later (id int); DROP TABLE later";
        await postgres.Database.Execute(change);
        await postgres.Replayed();
        await postgres.WhilePaused(async () =>
        {
            await postgres.Database.Execute(change);

            Assert.Matches(
                $@"(?m)^warn +replication +{Standby} has replayed changes until [0-9.]+ s ago, and is [0-9.]+ MiB behind, and its replay is paused$",
                await Doctor(Cluster));
        });
    }

    [Fact]
    public async Task A_lost_standby_is_a_warning_and_a_failure_if_writes_wait_for_it()
    {
        await postgres.Replica.Stop();
        try
        {
            var output = await Doctor(Cluster, exitCode: 2);

            Assert.Matches($"(?m)^warn +cluster +{Standby} cannot be used: Connection refused$", output);
            Assert.Matches(@"(?m)^FAIL +replication +synchronous_standby_names = '\*', but no standby is connected: writes wait for one$", output);
            Assert.Matches("(?m)^pass +database +.* can be written to$", output);
        }
        finally
        {
            await postgres.RestartReplica();
        }
    }

    [Fact]
    public async Task A_cluster_without_a_primary_fails_and_shows_the_standby()
    {
        var output = await Doctor(postgres.Url(ReplicatedPostgres.Lost, postgres.Ports.Replica), exitCode: 2);

        Assert.Matches("(?m)^FAIL +database ", output);
        Assert.Matches("(?m)^FAIL +cluster +no server of DATABASE_URL is a primary$", output);
        Assert.Matches("(?m)^warn +cluster +127.0.0.1:1 cannot be used: Connection refused$", output);
        Assert.Matches($"(?m)^pass +replication +{Standby} has replayed all changes$", output);
    }

    /// <summary>A role with the rights of the service.</summary>
    private async Task<DatabaseRole> CreateRole()
    {
        var role = await DatabaseRole.Create(postgres.Database);
        await postgres.Database.Execute($"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role.Name}");
        return role;
    }

    private async Task<string> Doctor(string url, int? exitCode = null)
    {
        var ended = await OrionCommand.Run(["doctor"], Path.GetTempPath(), CommandTests.Environment(postgres.Database, ("DATABASE_URL", url)));
        if (exitCode is { } expected) ended.Should(expected);
        else Assert.True(ended.ExitCode < 2, ended.Output);
        Assert.DoesNotContain(postgres.Database.Password!, ended.Output, StringComparison.Ordinal);
        return ended.Out;
    }
}
