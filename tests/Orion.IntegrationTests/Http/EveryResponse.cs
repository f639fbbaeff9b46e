
namespace Orion.IntegrationTests.Http;

public sealed class EveryResponse : DedicatedTests
{
    // The policy of /docs contains a nonce.
    private static readonly HashSet<string> Varying =
        new(["Date", "X-Request-Id", "RateLimit", "Transfer-Encoding", "Content-Security-Policy"], StringComparer.OrdinalIgnoreCase);

    [Fact]
    public async Task The_security_headers_are_on_every_response()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "4"), ("RATE_LIMIT_USER_MAX_REQUESTS", "30"));
        var id = await server.Api.Create();
        var statuses = new List<int>();
        foreach (var send in (Func<Task<ApiResponse>>[])[
            () => server.Api.Get("/api/me"), () => server.Api.Post("/api/sessions", "{}"), () => server.Api.Head("/api/me"),
            () => server.Api.Post("/api/sessions", "{"), () => server.Anonymous.Get("/api/me"), () => server.As("stranger@example.com").Get("/api/me"),
            () => server.Api.Get("/api/nothing"), () => server.Api.Send(HttpMethod.Put, "/api/me", null),
            () => server.Api.Post("/api/sessions", new string(' ', (2 * 1024 * 1024) + 1)),
            () => server.Api.Send(HttpMethod.Post, "/api/sessions", new StringContent("{}")),
            () => server.Api.Patch($"/api/sessions/{id}", """{"title":"x"}""", ("If-Match", "\"9\"")),
            () => server.Api.Delete($"/api/sessions/{id}"), () => server.Anonymous.Get("/"), () => server.Anonymous.Get("/health"),
            () => server.Anonymous.Get("/health/live"), () => server.Anonymous.Get("/health/ready"),
            () => server.Anonymous.Get("/health", ("Origin", "https://evil.example.com")),
            () => server.Anonymous.Options("/x", ("Origin", OrionServer.Origin), ("Access-Control-Request-Method", "GET")),
            () => server.Anonymous.Get("/api/me"), () => server.Anonymous.Get("/api/me"), () => server.Anonymous.Get("/api/me")])
        {
            statuses.Add(SecurityHeaderAssertions.ShouldBeOn(await send()).Status);
        }

        Assert.Equal([200, 201, 204, 400, 401, 403, 404, 405, 412, 413, 415, 429], statuses.Distinct().Order());
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task HEAD_responds_like_GET_without_a_body(string environment)
    {
        var server = await Start(("environment", environment), ("API_DOCS", "true"));
        var id = await server.Api.Create(new { firstMessage = "Hello" });
        var message = (await server.Api.Get($"/api/sessions/{id}/messages")).Texts("messages", "id")[0];
        var reply = (await server.Api.Post($"/api/sessions/{id}/replies", "{}")).Should(201).Text("replyId");
        await Eventually.Until(
            async () => (await server.Api.Get($"/api/sessions/{id}/replies/{reply}")).Text("status") != "streaming", "The reply does not end.");
        var routes = Route.Of(server);
        var paths = routes.Where(route => route.Method == "GET").Select(route => route.Path).Distinct().ToList();
        Assert.Contains("/api/sessions", paths);
        Assert.Equal(environment == "Development", paths.Any(path => path.StartsWith("/docs", StringComparison.Ordinal)));

        foreach (var pattern in paths)
        {
            Assert.Contains(routes, route => route.Method == "HEAD" && route.Path == pattern);
            var path = pattern.Replace("{sessionId}", id, StringComparison.Ordinal).Replace("{messageId}", message, StringComparison.Ordinal)
                .Replace("{replyId}", reply, StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{documentName?}", "", StringComparison.Ordinal)
                + RouteRequests.QueryFor(pattern, id);
            var get = await server.Api.Get(path);
            var head = await server.Api.Head(path);

            Assert.True(get.Status is 200 or 204 or 302, $"{path}: {get}");
            Assert.Equal((path, get.Status), (path, head.Status));
            Assert.Empty(head.Body);
            Assert.Equal(StableHeaders(get, path), StableHeaders(head, path));
        }

        Assert.Empty((await server.Api.Head("/api/nothing")).ShouldBeProblem(404, "not_found").Body);
        Assert.Empty((await server.Anonymous.Head("/api/me")).ShouldBeProblem(401, "missing_token").Body);
    }

    [Fact]
    public async Task In_Production_the_document_requires_a_user_token_for_HEAD_too()
    {
        var server = await Start(("API_DOCS", "true"));
        var session = TestToken.ForSession(OrionServer.Owner, await server.Api.Create(), server.Clock).ToString();

        foreach (var ask in (Func<ApiClient, Task<ApiResponse>>[])[api => api.Get("/openapi/v1.json"), api => api.Head("/openapi/v1.json")])
        {
            (await ask(server.Anonymous)).ShouldBeProblem(401, "missing_token");
            (await ask(server.With(session))).ShouldBeProblem(403, "insufficient_scope");
            (await ask(server.Api)).Should(200);
        }
    }

    // Without headers that differ between responses. Kestrel does not frame a body that it does not send, and health contains the time.
    private static List<string> StableHeaders(ApiResponse response, string path) =>
    [
        .. response.HeaderNames.Where(name => !Varying.Contains(name) && (name != "Content-Length" || !path.StartsWith("/health", StringComparison.Ordinal)))
            .Select(name => $"{name}: {response.Header(name)}").Order(StringComparer.Ordinal),
    ];

    [Theory]
    [InlineData("abc", true)]
    [InlineData("A.b_c-9", true)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", true)]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234", false)]
    [InlineData("with blank", false)]
    [InlineData("<script>", false)]
    [InlineData("a,b", false)]
    [InlineData("", false)]
    public async Task A_valid_request_id_is_used(string id, bool taken)
    {
        var server = await Start();

        var response = await RawHttp.Send(server.Port, "GET /api/me HTTP/1.1", $"X-Request-Id: {id}");

        response.ShouldBeProblem(401, "missing_token");
        Assert.Equal(taken, response.Header("X-Request-Id") == id);
    }

    [Fact]
    public async Task A_repeated_request_id_is_ignored_and_generated_ids_differ()
    {
        var server = await Start();

        var twice = await RawHttp.Send(server.Port, "GET /health HTTP/1.1", "X-Request-Id: one", "X-Request-Id: two");
        Assert.DoesNotContain("one", twice.Required("X-Request-Id"), StringComparison.Ordinal);

        var first = (await server.Anonymous.Get("/health")).Required("X-Request-Id");
        Assert.NotEqual(first, (await server.Anonymous.Get("/health")).Required("X-Request-Id"));
    }

    [Fact]
    public async Task The_log_has_the_request_id_and_neither_tokens_nor_queries_nor_texts()
    {
        var server = await Start();
        var forged = (TestToken.For("claimed@example.com") with { Secret = new string('z', 30) + "0123456789" }).ToString();
        (await server.Api.Post("/api/sessions", new { title = "Private title", firstMessage = "Private text" }, ("X-Request-Id", "the-request"))).Should(201);
        (await server.Anonymous.Get("/api/me?secret=in-the-query", ("Authorization", $"Bearer {forged}"), ("X-Request-Id", "the-refusal"))).Should(401);
        (await server.Api.Get("/api/no%0d%0athing%e2%80%ae")).Should(404);

        Assert.Contains(server.Log.All, line => line.Text.Contains("the-refusal", StringComparison.Ordinal));
        Assert.All(server.Log.All, line =>
        {
            foreach (var secret in (string[])["Private title", "Private text", "in-the-query", forged, forged.Split('.')[2], "claimed@example.com", TestToken.SharedSecret, "\r", "\u202e"])
            {
                Assert.DoesNotContain(secret, line.Text, StringComparison.Ordinal);
            }
        });
    }
}
