namespace Orion.IntegrationTests.Availability;

/// <summary>A cluster in <c>DATABASE_URL</c>: a primary and a synchronous replica, with real streaming replication.</summary>
public sealed class Failover
{
    [Fact]
    public async Task After_the_loss_of_the_primary_writes_continue_on_the_promoted_replica_and_nothing_acknowledged_is_lost()
    {
        await using var primary = await PostgresCluster.Create(PostgresBinaries.Find()!);
        await using var database = await PostgresDatabase.Create(primary.Superuser);
        await using var replica = await PostgresReplica.Start(primary.Superuser);
        var promoted = new Npgsql.NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Port = replica.Port };
        // The replica first: Orion looks for the server that can be written.
        var url = PostgresDatabase.Url(promoted).Replace($":{replica.Port}/", $":{replica.Port},127.0.0.1:{primary.Superuser.Port}/", StringComparison.Ordinal);
        await using var server = await OrionServer.Start(database, ("DATABASE_URL", url), ("HEALTH_SHOW_DATABASE", "true"));
        Assert.Equal(
            $"postgresql://127.0.0.1:{replica.Port},127.0.0.1:{primary.Superuser.Port}/{promoted.Database}",
            (await server.Anonymous.Get("/health")).Should(200).Json.GetProperty("database").GetString());
        await using var writers = await MessageWriters.Start(server, 8);
        await writers.Write(more: 50);

        await primary.Kill();
        await Eventually.Until(() => writers.Failed.Count > 0, "Nothing notices the loss.");
        await replica.Promote();
        await writers.Write(more: 50);

        await writers.ShouldHaveLostNothing(database.At(replica.Port));
        (await server.Anonymous.Get("/health/ready")).Should(200);
    }

    [Fact]
    public async Task With_only_a_replica_Orion_is_unavailable_until_it_is_promoted()
    {
        await using var primary = await PostgresCluster.Create(PostgresBinaries.Find()!);
        await using var database = await PostgresDatabase.Create(primary.Superuser);
        await using (var first = await OrionServer.Start(database)) await first.Api.Create(new { title = "Before" });
        await using var replica = await PostgresReplica.Start(primary.Superuser);
        await primary.Kill();
        var url = PostgresDatabase.Url(database.Connection)
            .Replace($":{primary.Superuser.Port}/", $":{primary.Superuser.Port},127.0.0.1:{replica.Port}/", StringComparison.Ordinal);

        await using var server = await OrionServer.Launch(database, null, ("DATABASE_URL", url));
        (await server.Anonymous.Get("/health/ready")).Should(503);
        (await server.Api.Get("/api/sessions")).ShouldBeUnavailable();
        await replica.Promote();

        await server.BecomesReady();
        Assert.Equal("Before", Assert.Single((await server.Api.Get("/api/sessions")).Should(200).Items("sessions")).GetProperty("title").GetString());
        await server.Api.Create(new { title = "After" });
    }
}
