using Orion.IntegrationTests.Cli;

namespace Orion.IntegrationTests.Availability;

/// <summary>A cluster in <c>DATABASE_URL</c>: a primary and a synchronous replica, with real streaming replication.</summary>
public sealed class Failover
{
    [Fact]
    public async Task After_the_loss_of_the_primary_writes_continue_on_the_promoted_replica_and_nothing_acknowledged_is_lost()
    {
        await using var primary = await PostgresCluster.Create(PostgresBinaries.Find()!);
        await using var database = await PostgresDatabase.Create(primary.Superuser);
        await using var replica = await primary.CreateReplica();
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", ClusterUrl(database, primary, replica)), ("HEALTH_SHOW_DATABASE", "true"));
        Assert.Equal(
            $"postgresql://127.0.0.1:{primary.Superuser.Port},127.0.0.1:{replica.Superuser.Port}/{database.Connection.Database}",
            (await server.Anonymous.Get("/health")).Should(200).Json.GetProperty("database").GetString());
        await using var writers = await MessageWriters.Start(server, 8);
        await writers.Write(more: 50);

        await primary.Kill();
        await Eventually.Until(() => writers.Failed.Count > 0, "Nothing notices the loss.");
        await replica.Promote();
        await writers.Write(more: 50);

        await writers.ShouldHaveLostNothing(database.At(replica.Superuser.Port));
        (await server.Anonymous.Get("/health/ready")).Should(200);
    }

    [Fact]
    public async Task Commands_use_the_server_of_a_cluster_that_can_be_written()
    {
        var folder = Directory.CreateTempSubdirectory("orion-cluster-");
        await using var primary = await PostgresCluster.Create(PostgresBinaries.Find()!);
        await using var database = await PostgresDatabase.Create(primary.Superuser);
        await using (var server = await OrionServer.Start(database)) await server.Api.Create(new { title = "Kept" });
        await using var replica = await primary.CreateReplica();
        var environment = CommandTests.Environment(database, ("DATABASE_URL", ClusterUrl(database, replica, primary)));

        // It restores the backup into a new database, which a replica does not accept.
        var backup = (await OrionCommand.Run(["backup", Path.Combine(folder.FullName, "backups"), "--json"], folder.FullName, environment)).Should(0);
        Assert.Contains("\"sessions\":1", backup.Out.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var doctor = await OrionCommand.Run(["doctor"], folder.FullName, environment);
        Assert.Contains("pass  database", doctor.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("it is a standby", doctor.Out, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static string ClusterUrl(PostgresDatabase database, PostgresCluster first, PostgresCluster second) =>
        ReplicatedPostgres.Url(database.At(first.Superuser.Port).Connection, first.Superuser.Port, second.Superuser.Port);

    [Fact]
    public async Task With_only_a_replica_Orion_is_unavailable_until_it_is_promoted()
    {
        await using var primary = await PostgresCluster.Create(PostgresBinaries.Find()!);
        await using var database = await PostgresDatabase.Create(primary.Superuser);
        await using (var first = await OrionServer.Start(database)) await first.Api.Create(new { title = "Before" });
        await using var replica = await primary.CreateReplica();
        await primary.Kill();

        await using var server = await OrionServer.Launch(database, null, ("DATABASE_URL", ClusterUrl(database, replica, primary)));
        (await server.Anonymous.Get("/health/ready")).Should(503);
        (await server.Api.Get("/api/sessions")).ShouldBeUnavailable();
        await replica.Promote();

        await server.BecomesReady();
        Assert.Equal("Before", Assert.Single((await server.Api.Get("/api/sessions")).Should(200).Items("sessions")).GetProperty("title").GetString());
        await server.Api.Create(new { title = "After" });
    }
}
