
namespace Orion.IntegrationTests.Health;

public abstract class HealthResponses(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task Health_reports_the_state_of_the_service()
    {
        var response = (await Server.Anonymous.Get("/health")).Should(200);

        Assert.Equal(["status", "service", "version", "timestamp", "uptime", "database", "secured", "jwtEnabled"], response.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("healthy", response.Text("status"));
        Assert.Equal("orion-chat-backend", response.Text("service"));
        Assert.Matches(@"^\d+\.\d+\.\d+", response.Text("version"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", response.Text("timestamp"));
        Assert.True(response.Json.GetProperty("uptime").GetDouble() > 0);
        Assert.Contains('.', response.Json.GetProperty("uptime").GetRawText());
        Assert.Equal(Orion.Database.System, response.Text("database"));
        Assert.True(response.Json.GetProperty("secured").GetBoolean());
        Assert.True(response.Json.GetProperty("jwtEnabled").GetBoolean());
    }

    [Fact]
    public async Task Health_never_reads_a_token()
    {
        foreach (var path in (string[])["/health", "/health/live", "/health/ready", "/"])
        {
            (await Server.Anonymous.Get(path, ("Authorization", "Bearer nonsense"))).Should(200);
        }
    }

    [Fact]
    public async Task The_root_names_the_service()
    {
        var response = (await Server.Anonymous.Get("/")).Should(200);

        Assert.Equal(["service", "version", "documentation"], response.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("orion-chat-backend", response.Text("service"));
    }

    [Fact]
    public async Task The_database_is_shown_if_configured_and_never_its_password()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("HEALTH_SHOW_DATABASE", "true"));

        var response = (await server.Anonymous.Get("/health")).Should(200);

        if (Orion.Database is PostgresDatabase postgres) Assert.Equal(postgres.Address, response.Text("database"));
        else Assert.StartsWith("sqlite:", response.Text("database"), StringComparison.Ordinal);
        if (Orion.Database.Password is { } password) Assert.DoesNotContain(password, response.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_health_requests_do_not_load_the_database()
    {
        // Connections of its own, that are not left open: a server has a thousand, and the tests after this one need some.
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 200 }) { BaseAddress = Server.Http.BaseAddress };
        var anonymous = new ApiClient(http, token: null);

        var responses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => anonymous.Get("/health")));

        Assert.All(responses, response => Assert.Equal(200, response.Status));
        (await Api.Get("/api/sessions")).Should(200);
    }
}

[Collection(OnPostgres.Name)]
public sealed class HealthOnPostgres(PostgresOrion orion) : HealthResponses(orion);

[Collection(OnSqlite.Name)]
public sealed class HealthOnSqlite(SqliteOrion orion) : HealthResponses(orion);
