
namespace Orion.IntegrationTests.Health;

public abstract class HealthResponses(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task Health_says_how_the_service_is()
    {
        var answer = (await Server.Anonymous.Get("/health")).Should(200);

        Assert.Equal(["status", "service", "version", "timestamp", "uptime", "database", "secured", "jwtEnabled"], answer.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("healthy", answer.Text("status"));
        Assert.Equal("orion-chat-backend", answer.Text("service"));
        Assert.Matches(@"^\d+\.\d+\.\d+", answer.Text("version"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", answer.Text("timestamp"));
        Assert.True(answer.Json.GetProperty("uptime").GetDouble() > 0);
        Assert.Contains('.', answer.Json.GetProperty("uptime").GetRawText());
        Assert.Equal(Orion.Database.System, answer.Text("database"));
        Assert.True(answer.Json.GetProperty("secured").GetBoolean());
        Assert.True(answer.Json.GetProperty("jwtEnabled").GetBoolean());
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
    public async Task The_root_says_what_this_is()
    {
        var answer = (await Server.Anonymous.Get("/")).Should(200);

        Assert.Equal(["service", "version", "documentation"], answer.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("orion-chat-backend", answer.Text("service"));
    }

    [Fact]
    public async Task The_database_is_named_where_the_operator_wants_it_and_never_its_password()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("HEALTH_SHOW_DATABASE", "true"));

        var answer = (await server.Anonymous.Get("/health")).Should(200);

        if (Orion.Database is PostgresDatabase postgres) Assert.Equal(postgres.Address, answer.Text("database"));
        else Assert.StartsWith("sqlite:", answer.Text("database"), StringComparison.Ordinal);
        if (Orion.Database.Password is { } password) Assert.DoesNotContain(password, answer.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_questions_about_health_are_no_load_on_the_database()
    {
        // Connections of its own, that are not left open: a server has a thousand, and the tests after this one need some.
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 200 }) { BaseAddress = Server.Http.BaseAddress };
        var anonymous = new ApiClient(http, token: null);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => anonymous.Get("/health")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        (await Api.Get("/api/sessions")).Should(200);
    }
}

[Collection(OnPostgres.Name)]
public sealed class HealthOnPostgres(PostgresOrion orion) : HealthResponses(orion);

[Collection(OnSqlite.Name)]
public sealed class HealthOnSqlite(SqliteOrion orion) : HealthResponses(orion);
