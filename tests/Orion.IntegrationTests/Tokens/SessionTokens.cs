using System.Globalization;
using System.Text.Json;

namespace Orion.IntegrationTests.Tokens;

/// <summary>Session tokens and their scope: contract, section 2.</summary>
public abstract class SessionTokens(OrionFixture orion) : OrionTests(orion)
{
    // The routes that accept a session token.
    private static readonly string[] Open =
    [
        "GET /api/sessions/{sessionId}", "HEAD /api/sessions/{sessionId}",
        "GET /api/sessions/{sessionId}/messages", "HEAD /api/sessions/{sessionId}/messages", "POST /api/sessions/{sessionId}/messages",
        "GET /api/sessions/{sessionId}/messages/{messageId}", "HEAD /api/sessions/{sessionId}/messages/{messageId}",
        "GET /api/sessions/messages", "HEAD /api/sessions/messages", "POST /api/sessions/save-message",
    ];

    // The routes of replies, which also accept one. Their own tests cover what they return.
    private static readonly string[] OpenForReplies =
    [
        "POST /api/sessions/{sessionId}/replies",
        "GET /api/sessions/{sessionId}/replies/{replyId}", "HEAD /api/sessions/{sessionId}/replies/{replyId}",
        "GET /api/sessions/{sessionId}/stream", "HEAD /api/sessions/{sessionId}/stream",
        "POST /api/sessions/{sessionId}/replies/{replyId}/stop",
    ];

    [Theory]
    [InlineData(null, 300)]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(900, 900)]
    public async Task A_token_is_minted_for_a_session_of_the_caller(int? requested, int lives)
    {
        var id = await Api.Create();
        var before = Server.Clock.GetUtcNow();

        var response = SecurityHeaderAssertions.ShouldBeOn((await Api.Post("/api/tokens", new { sessionId = id.ToUpperInvariant(), expiresInSeconds = requested })).Should(201));

        Assert.Equal(
            ["token", "tokenType", "expiresIn", "expiresAt", "renewAfterSeconds", "sessionId"], response.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("Bearer", response.Text("tokenType"));
        Assert.Equal(id, response.Text("sessionId"));
        Assert.Equal(lives, response.Json.GetProperty("expiresIn").GetInt32());
        Assert.InRange(response.Json.GetProperty("renewAfterSeconds").GetInt32(), 1, lives);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$", response.Text("expiresAt"));
        Assert.Null(response.Header("Location"));

        var claims = TestToken.ClaimsOf(response.Text("token"));
        var issuedAt = claims.GetProperty("iat").GetInt64();
        Assert.InRange(issuedAt, before.ToUnixTimeSeconds(), Server.Clock.GetUtcNow().ToUnixTimeSeconds());
        Assert.Equal(issuedAt + lives, claims.GetProperty("exp").GetInt64());
        Assert.Equal(issuedAt + lives, DateTimeOffset.Parse(response.Text("expiresAt"), CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        Assert.Equal(
            TestToken.ForSession(OrionServer.Owner, id).With("iat", issuedAt).With("exp", issuedAt + lives).Claims
                .Select(claim => $"{claim.Key}={claim.Value}").Order(),
            claims.EnumerateObject().Select(claim => $"{claim.Name}={claim.Value}").Order());
    }

    [Theory]
    [InlineData("0", "expiresInSeconds")]
    [InlineData("-1", "expiresInSeconds")]
    [InlineData("901", "expiresInSeconds")]
    [InlineData("99999999999", "expiresInSeconds")]
    [InlineData("\"300\"", "expiresInSeconds")]
    [InlineData("1.5", "expiresInSeconds")]
    [InlineData("true", "expiresInSeconds")]
    [InlineData("300,\"scope\":\"all\"", "scope")]
    public async Task An_invalid_lifetime_and_an_unknown_member_are_rejected_by_name(string lifetime, string field)
    {
        var id = await Api.Create();

        var response = await ChangesNothing(() => Api.Post("/api/tokens", $"{{\"sessionId\":\"{id}\",\"expiresInSeconds\":{lifetime}}}"));

        response.ShouldBeProblem(400, field == "scope" ? "unknown_member" : "validation_failed", field);
    }

    [Fact]
    public async Task Without_a_session_nothing_is_minted()
    {
        (await Api.Post("/api/tokens", "{}")).ShouldBeProblem(400, "validation_failed", "sessionId");
        (await Api.Post("/api/tokens", """{"sessionId":7}""")).ShouldBeProblem(400, "validation_failed", "sessionId");
        (await Api.Post("/api/tokens", null)).ShouldBeProblem(400, "malformed_json");
    }

    [Fact]
    public async Task A_session_of_another_user_or_an_archived_one_has_no_tokens()
    {
        var foreign = await Friend.Create();
        var archived = await Api.Create();
        await Archive(archived, true);

        var missing = (await Mint(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString())).ShouldBeProblem(404, "session_not_found");
        Assert.Equal(missing.WithoutRequestDetails(), (await Mint(foreign)).ShouldBeProblem(404, "session_not_found").WithoutRequestDetails());
        Assert.Equal(missing.WithoutRequestDetails(), (await Mint("no-uuid")).ShouldBeProblem(404, "session_not_found").WithoutRequestDetails());
        (await Mint(archived)).ShouldBeProblem(409, "session_archived");

        Task<ApiResponse> Mint(string session) => ChangesNothing(() => Api.Post("/api/tokens", new { sessionId = session }));
    }

    [Fact]
    public async Task A_token_reads_its_session_and_reads_and_appends_its_messages()
    {
        var id = await Api.Create(new { firstMessage = "One" });
        var page = Server.With(await Api.Mint(id));

        await page.Append(id, "Two");
        (await page.Post("/api/sessions/save-message", new { sessionId = id, role = "assistant", content = "Three" })).Should(201);
        (await page.Post("/api/sessions/save-message", new { userId = OrionServer.Owner, sessionId = id, role = "user", content = "Four" })).Should(201);

        Assert.Equal(4, (await page.Session(id)).GetProperty("messageCount").GetInt32());
        var messages = (await page.Get($"/api/sessions/{id}/messages?limit=4")).Should(200);
        Assert.Equal(["One", "Two", "Three", "Four"], messages.Texts("messages", "content"));
        Assert.Equal(messages.Texts("messages", "id"), (await page.Get($"/api/sessions/messages?sessionId={id}")).Should(200).Texts("messages", "id"));
        (await page.Get($"/api/sessions/messages?sessionId={id}&userId={OrionFixture.Friend}")).ShouldBeProblem(403, "user_mismatch");
        foreach (var route in Route.Of(Server).Where(IsOpen))
        {
            var response = await page.Ask(route, id, messages.Texts("messages", "id")[1]);
            Assert.True(response.Status == (route.Method == "POST" ? 201 : 200), response.ToString());
            if (route.Method == "HEAD") Assert.Empty(response.Body);
        }
    }

    [Fact]
    public async Task Every_other_route_rejects_a_session_token()
    {
        var id = await Api.Create(new { firstMessage = "One" });
        var message = (await Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "id")[0];
        var page = Server.With(await Api.Mint(id));
        var routes = Route.Of(Server).Where(route => !route.IsAnonymous).ToList();
        Assert.Equal(Open.Order(), routes.Where(IsOpen).Select(Name).Order());
        Assert.Equal(OpenForReplies.Order(), routes.Where(IsOpenForReplies).Select(Name).Order());

        foreach (var route in routes.Where(route => !IsOpen(route) && !IsOpenForReplies(route)).Concat(
        [
            new("GET", "/api/nothing", false), new("POST", "/", false), new("GET", "/nothing", false), new("PUT", "/api/sessions/{sessionId}", false),
            new("DELETE", "/api/sessions/{sessionId}/messages", false), new("GET", "/api/tokens", false), new("POST", "/api/sessions/messages", false),
            new("GET", "/api/sessions/save-message", false), new("OPTIONS", "/api/sessions/{sessionId}", false),
            new("GET", "/api/sessions/{sessionId}/nothing", false), new("GET", "/openapi/v1.json", false),
        ]))
        {
            var response = await ChangesNothing(() => page.Ask(route, id, message));
            response.ShouldBeProblem(403, "insufficient_scope");
            Assert.Null(response.Header("WWW-Authenticate"));
        }
    }

    [Fact]
    public async Task Another_session_of_the_same_user_is_not_found_wherever_its_id_is()
    {
        var id = await Api.Create(new { firstMessage = "Own" });
        var other = await Api.Create(new { firstMessage = "Other" });
        var message = (await Api.Get($"/api/sessions/{other}/messages")).Texts("messages", "id")[0];
        var page = Server.With(await Api.Mint(id));

        foreach (var route in Route.Of(Server).Where(IsOpen))
        {
            // Even with a key that the user has used for the same request, because the stored response belongs to the other session.
            (string, string)[] known = [("Idempotency-Key", "known")];
            if (route.Method == "POST") (await Api.Ask(route, other, message, known)).Should(201);
            foreach (var headers in ((string, string)[][])[[], [("Idempotency-Key", "new")], known])
            {
                foreach (var spelling in (string[])[other, other.ToUpperInvariant()])
                    (await ChangesNothing(() => page.Ask(route, spelling, message, headers))).ShouldBeProblem(404, "session_not_found");
            }
        }

        // A message of the other session, under the path of its own session.
        (await page.Get($"/api/sessions/{id}/messages/{message}")).ShouldBeProblem(404, "message_not_found");
    }

    [Fact]
    public async Task A_token_expires()
    {
        var id = await Api.Create();
        var token = (await Api.Post("/api/tokens", new { sessionId = id, expiresInSeconds = 1 })).Should(201).Text("token");
        await UntilSecond(TestToken.ClaimsOf(token).GetProperty("exp").GetInt64());

        (await Server.With(token).Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
    }

    [Theory]
    [InlineData("archived")]
    [InlineData("deleted")]
    [InlineData("deleted by the Phase 1 route")]
    public async Task A_token_is_rejected_as_soon_as_its_session_is_closed(string how)
    {
        var id = await Api.Create(new { firstMessage = "One" });
        var page = Server.With(await Api.Mint(id));
        (await page.Get($"/api/sessions/{id}")).Should(200);

        if (how == "archived") await Archive(id, true);
        else if (how == "deleted") (await Api.Delete($"/api/sessions/{id}")).Should(204);
        else (await Api.Post("/api/sessions/delete", new { sessionId = id })).Should(200);
        await Server.RevocationAppliesEverywhere();

        foreach (var route in Route.Of(Server).Where(route => IsOpen(route) || IsOpenForReplies(route)))
        {
            var response = await ChangesNothing(() => page.Ask(route, id, id));
            Assert.Equal("Bearer error=\"invalid_token\"", response.ShouldBeProblem(401, "invalid_token").Header("WWW-Authenticate"));
        }
    }

    [Fact]
    public async Task Restoring_a_session_revives_no_token_and_one_minted_after_it_works_at_once()
    {
        var id = await Api.Create();
        var tokens = new List<string>();
        for (var n = 0; n < 3; n++)
        {
            tokens.Add(await Api.Mint(id));
            await Archive(id, true);
            await Archive(id, false);

            foreach (var old in tokens) (await Server.With(old).Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
            tokens.Add(await Api.Mint(id));
            (await Server.With(tokens[^1]).Get($"/api/sessions/{id}")).Should(200);
        }
    }

    [Fact]
    public async Task Tokens_of_closed_sessions_are_rejected_within_5_seconds_on_another_instance()
    {
        await using var other = await OrionServer.Start(Orion.Database);
        var archived = await Api.Create();
        var deleted = await Api.Create();
        string[] tokens = [await Api.Mint(archived), await Api.Mint(deleted)];
        (await other.With(tokens[0]).Get($"/api/sessions/{archived}")).Should(200);
        (await other.With(tokens[1]).Get($"/api/sessions/{deleted}")).Should(200);

        await Archive(archived, true);
        (await Api.Delete($"/api/sessions/{deleted}")).Should(204);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        (await other.With(tokens[0]).Get($"/api/sessions/{archived}")).ShouldBeProblem(401, "invalid_token");
        (await other.With(tokens[1]).Get($"/api/sessions/{deleted}")).ShouldBeProblem(401, "invalid_token");
    }

    [Fact]
    public async Task Session_tokens_have_a_rate_limit_of_their_own_of_the_same_size()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("RATE_LIMIT_USER_MAX_REQUESTS", "4"), ("RATE_LIMIT_MAX_REQUESTS", "9"));
        var id = await Api.Create();
        var (first, second) = (server.With(await Api.Mint(id)), server.With(await Api.Mint(await Api.Create())));

        for (var n = 3; n >= 0; n--)
        {
            var response = await (n % 2 == 0 ? first.Get($"/api/sessions/{id}") : second.Get("/api/me"));
            Assert.Equal("\"default\";q=4;w=900", response.Header("RateLimit-Policy"));
            Assert.StartsWith($"\"default\";r={n};", response.Required("RateLimit"), StringComparison.Ordinal);
        }

        (await first.Get($"/api/sessions/{id}")).ShouldBeProblem(429, "rate_limited");
        (await second.Get("/api/me")).ShouldBeProblem(429, "rate_limited");
        for (var n = 0; n < 4; n++) (await server.Api.Get("/api/me")).Should(200);
        (await server.Api.Get("/api/me")).ShouldBeProblem(429, "rate_limited");
    }

    [Fact]
    public async Task Minting_is_logged_without_the_token()
    {
        var id = await Api.Create();
        var token = await Api.Mint(id);

        var line = Assert.Single(Server.Log.All, line => line.Event.Id == 1106 && line.Text.Contains(id, StringComparison.Ordinal));

        Assert.Equal("SessionTokenMinted", line.Event.Name);
        Assert.DoesNotContain(Server.Log.All, any => any.Text.Contains(token.Split('.')[2], StringComparison.Ordinal));
    }

    private static bool IsOpen(Route route) => Open.Contains(Name(route));

    private static bool IsOpenForReplies(Route route) => OpenForReplies.Contains(Name(route));

    private static string Name(Route route) => $"{route.Method} {route.Path}";

    private async Task Archive(string id, bool archived) =>
        (await Api.Patch($"/api/sessions/{id}", JsonSerializer.Serialize(new { archived }))).Should(200);

    private async Task UntilSecond(long second)
    {
        while (Server.Clock.GetUtcNow().ToUnixTimeSeconds() < second) await Task.Delay(20);
    }
}

[Collection(OnPostgres.Name)]
public sealed class SessionTokensOnPostgres(PostgresOrion orion) : SessionTokens(orion);

[Collection(OnSqlite.Name)]
public sealed class SessionTokensOnSqlite(SqliteOrion orion) : SessionTokens(orion);
