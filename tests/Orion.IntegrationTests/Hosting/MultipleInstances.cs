
namespace Orion.IntegrationTests.Hosting;

public abstract class MultipleInstances(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task Five_instances_that_start_at_once_on_an_empty_database_all_get_ready()
    {
        await using var database = await Orion.CreateDatabase();
        var servers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => OrionServer.Launch(database, null))));
        try
        {
            await Task.WhenAll(servers.Select(server => server.BecomesReady()));

            var id = await servers[0].Api.Create();
            var appended = await Task.WhenAll(servers.SelectMany(server => Enumerable.Range(0, 4).Select(n => server.Api.Append(id, $"Message {n}"))));
            Assert.Equal(Enumerable.Range(1, 20), appended.Select(message => message.GetProperty("sequence").GetInt32()).Order());
            Assert.Equal(["1|"], await database.Query("SELECT count(*) FROM authorized_users"));
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_revoked_user_is_rejected_within_5_seconds_on_all_instances()
    {
        var email = $"left-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        await Orion.Authorize(email);
        (await Server.As(email).Get("/api/me")).Should(200);

        await Orion.Database.Execute("UPDATE authorized_users SET revoked_at = @p0 WHERE email = @p1",
            Orion.Database.Instant(TimeProvider.System.GetUtcNow()), email);
        await Task.Delay(TimeSpan.FromSeconds(5.2), TestContext.Current.CancellationToken);

        (await Server.As(email).Get("/api/me")).ShouldBeProblem(403, "not_authorized");
    }

    [Fact]
    public async Task Data_survives_a_restart()
    {
        await using var database = await Orion.CreateDatabase();
        string id;
        await using (var first = await OrionServer.Start(database)) id = await first.Api.Create(new { firstMessage = "Kept" });

        await using var second = await OrionServer.Start(database);

        Assert.Equal("Kept", (await second.Api.Session(id)).GetProperty("firstMessage").GetString());
    }

    [Fact]
    public async Task Another_configured_owner_replaces_the_first()
    {
        await using var database = await Orion.CreateDatabase();
        await using (var first = await OrionServer.Start(database)) await first.Api.Create(new { firstMessage = "The first owner's" });

        await using var second = await OrionServer.Start(database, ("AUTHORIZED_USER_EMAIL", "Next@example.com"));

        (await second.As(OrionServer.Owner).Get("/api/me")).ShouldBeProblem(403, "not_authorized");
        Assert.Equal("""{"sessions":[],"count":0}""", (await second.As("next@example.com").Get("/api/sessions")).Should(200).BodyText);
    }
}

[Collection(OnPostgres.Name)]
public sealed class MultipleInstancesOnPostgres(PostgresOrion orion) : MultipleInstances(orion);

[Collection(OnSqlite.Name)]
public sealed class MultipleInstancesOnSqlite(SqliteOrion orion) : MultipleInstances(orion);
