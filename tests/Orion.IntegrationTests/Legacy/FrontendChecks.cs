
namespace Orion.IntegrationTests.Legacy;

/// <summary>The checks that the frontend runs against its backend: six of security, five of use.</summary>
public abstract class FrontendChecks(OrionFixture orion) : OrionTests(orion)
{
    [Fact]
    public async Task Security_1_no_token_is_rejected()
    {
        var response = await ChangesNothing(() => Server.Anonymous.Get("/api/sessions/list"));

        response.ShouldBeProblem(401, "missing_token");
        Assert.Equal("Bearer", response.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Security_2_a_forged_token_is_rejected()
    {
        foreach (var token in (string[])["garbage", (TestToken.For(OrionServer.Owner) with { Secret = new string('f', 40) + "0123456789" }).ToString(), TestToken.For(OrionServer.Owner).WithoutSignature()])
        {
            await ShouldReject(token, 401, "invalid_token");
        }
    }

    [Fact]
    public async Task Security_3_an_expired_token_is_rejected()
    {
        await ShouldReject(TestToken.For(OrionServer.Owner).Older(TimeSpan.FromSeconds(3602)).ToString(), 401, "invalid_token");
    }

    [Fact]
    public async Task Security_4_a_valid_token_of_an_unauthorized_user_is_rejected()
    {
        await ShouldReject(TestToken.For("stranger@example.com").ToString(), 403, "not_authorized");
    }

    [Fact]
    public async Task Security_5_an_unknown_origin_is_rejected()
    {
        var response = await ChangesNothing(() => Api.Post("/api/sessions/create", "{}", ("Origin", "https://evil.example.com")));

        response.ShouldBeProblem(403, "origin_not_allowed");
        Assert.DoesNotContain(response.HeaderNames, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Security_6_the_security_headers_are_sent()
    {
        var response = (await Server.Anonymous.Get("/health")).Should(200);

        Assert.Equal("nosniff", SecurityHeaderAssertions.ShouldBeOn(response).Header("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Use_1_to_5_create_save_read_list_and_delete_work_as_the_frontend_calls_them()
    {
        const string user = OrionServer.Owner;
        (string, string)[] origin = [("Origin", OrionServer.Origin)];
        var created = (await Api.Post("/api/sessions/create", new { userId = user, firstMessage = "How are you?" }, origin)).Should(201);
        var sessionId = created.Text("sessionId");

        (await Api.Post("/api/sessions/save-message", new { userId = user, sessionId, role = "assistant", content = "Well." }, origin)).Should(201);

        var messages = (await Api.Get($"/api/sessions/messages?sessionId={sessionId}&userId={user}", origin)).Should(200);
        Assert.Equal(["How are you?", "Well."], messages.Texts("messages", "content"));
        Assert.Equal(["user", "assistant"], messages.Texts("messages", "role"));

        var list = (await Api.Get($"/api/sessions/list?userId={user}&limit=100&sortBy=updatedAt&sortOrder=desc", origin)).Should(200);
        Assert.Equal([sessionId], list.Texts("sessions", "sessionId"));
        Assert.Equal("Well.", list.Items("sessions")[0].GetProperty("lastMessage").GetString());

        (await Api.Post("/api/sessions/delete", new { userId = user, sessionId }, origin)).Should(200);
        Assert.Equal("""{"sessions":[],"count":0}""", (await Api.Get("/api/sessions/list", origin)).Should(200).BodyText);
    }

    private async Task ShouldReject(string token, int status, string error)
    {
        foreach (var path in (string[])["/api/sessions/create", "/api/sessions"])
        {
            var response = await ChangesNothing(() => Server.Anonymous.Post(path, "{}", ("Authorization", $"Bearer {token}")));
            response.ShouldBeProblem(status, error);
            Assert.Equal(status == 401 ? "Bearer error=\"invalid_token\"" : null, response.Header("WWW-Authenticate"));
            Assert.DoesNotContain(OrionServer.Owner, response.BodyText, StringComparison.OrdinalIgnoreCase);
        }
    }
}

[Collection(OnPostgres.Name)]
public sealed class FrontendChecksOnPostgres(PostgresOrion orion) : FrontendChecks(orion);

[Collection(OnSqlite.Name)]
public sealed class FrontendChecksOnSqlite(SqliteOrion orion) : FrontendChecks(orion);
