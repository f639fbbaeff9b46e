
namespace Orion.IntegrationTests.Cors;

public sealed class Origins : DedicatedTests
{
    private const string Methods = "DELETE GET HEAD OPTIONS PATCH POST PUT";
    private const string RequestHeaders = "Authorization Content-Type Idempotency-Key If-Match Last-Event-ID X-Request-Id X-Requested-With";
    private const string Exposed = "Content-Length ETag Idempotency-Replayed Location RateLimit RateLimit-Policy Retry-After X-Request-Id";

    [Fact]
    public async Task An_allowed_origin_is_echoed_on_successes_and_rejections()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "3"), ("RATE_LIMIT_USER_MAX_REQUESTS", "100"));
        foreach (var origin in (string[])[OrionServer.Origin, "http://localhost:3000"])
        {
            var header = ("Origin", origin);
            ShouldAllow((await server.Api.Post("/api/sessions", "{}", header)).Should(201), origin);
            ShouldAllow((await server.Api.Get("/api/nothing", header)).Should(404), origin);
            ShouldAllow((await server.Api.Post("/api/sessions", "{", header)).Should(400), origin);
            ShouldAllow((await server.Anonymous.Get("/health", header)).Should(200), origin);
        }

        ShouldAllow((await server.Anonymous.Get("/api/me", ("Origin", OrionServer.Origin))).Should(401), OrionServer.Origin);
        ShouldAllow((await server.As("stranger@example.com").Get("/api/me", ("Origin", OrionServer.Origin))).Should(403), OrionServer.Origin);
        for (var n = 0; n < 2; n++) await server.Anonymous.Get("/api/me");
        ShouldAllow((await server.Anonymous.Get("/api/me", ("Origin", OrionServer.Origin))).Should(429), OrionServer.Origin);
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com:8443")]
    [InlineData("https://app.example.com:443")]
    [InlineData("https://app.example.com.evil.example.com")]
    [InlineData("https://APP.example.com")]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com, https://app.example.com")]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("")]
    public async Task Any_other_origin_is_rejected_on_every_route(string origin)
    {
        var server = await Start();
        var token = $"Authorization: Bearer {TestToken.For(OrionServer.Owner)}";
        foreach (var line in (string[])[
            "GET /api/me", "GET /api/nothing", "DELETE /api/sessions/x", "GET /health", "GET /health/live", "GET /health/ready", "GET /",
            "OPTIONS /api/sessions", "PUT /api/me"])
        {
            ShouldBeProblem(await RawHttp.Send(server.Port, $"{line} HTTP/1.1", token, $"Origin: {origin}", "Access-Control-Request-Method: GET"));
        }
    }

    [Fact]
    public async Task A_repeated_origin_is_rejected()
    {
        var server = await Start();

        ShouldBeProblem(await RawHttp.Send(server.Port, "GET /api/me HTTP/1.1", $"Origin: {OrionServer.Origin}", $"Origin: {OrionServer.Origin}"));
    }

    [Theory]
    [InlineData("/api/sessions")]
    [InlineData("/api/sessions/create")]
    [InlineData("/nothing/at/all")]
    [InlineData("/health")]
    public async Task A_preflight_succeeds_on_any_path(string path)
    {
        var server = await Start();

        var response = (await server.Anonymous.Options(path, ("Origin", OrionServer.Origin), ("Access-Control-Request-Method", "POST"))).Should(204);

        SecurityHeaderAssertions.ShouldBeOn(response);
        ShouldAllow(response, OrionServer.Origin, isPreflight: true);
        Assert.Equal(Methods, Words(response, "Access-Control-Allow-Methods"));
        Assert.Equal(RequestHeaders, Words(response, "Access-Control-Allow-Headers"));
        Assert.Equal("86400", response.Header("Access-Control-Max-Age"));
        Assert.Empty(response.Body);
    }

    [Theory]
    [InlineData("authorization,baggage,last-event-id,sentry-trace,traceparent,user-agent,x-stainless-os", "authorization baggage last-event-id sentry-trace traceparent user-agent x-stainless-os")]
    [InlineData("a b", RequestHeaders)]
    [InlineData("", RequestHeaders)]
    public async Task A_preflight_allows_the_headers_that_it_lists(string requested, string allowed)
    {
        var server = await Start();

        var response = (await server.Anonymous.Options("/api/sessions", ("Origin", OrionServer.Origin), ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", requested))).Should(204);

        Assert.Equal(allowed, Words(response, "Access-Control-Allow-Headers"));
    }

    [Theory]
    [InlineData("tauri://localhost")]
    [InlineData("app://obsidian.md")]
    [InlineData("chrome-extension://abcdefghijklmnopabcdefghijklmnop")]
    [InlineData("https://app.example.")]
    public async Task An_apps_origin_can_be_allowed(string origin)
    {
        var server = await Start(("ALLOWED_ORIGINS", $"{OrionServer.Origin},{origin}"));

        ShouldAllow((await server.Api.Get("/api/me", ("Origin", origin))).Should(200), origin);
        ShouldBeProblem(await server.Api.Get("/api/me", ("Origin", origin + "x")));
    }

    [Fact]
    public async Task Without_an_origin_the_only_CORS_header_is_Vary()
    {
        var server = await Start();

        foreach (var response in (ApiResponse[])[await server.Api.Get("/api/me"), await server.Anonymous.Get("/health"), await server.Anonymous.Get("/api/me")])
        {
            Assert.Equal("Origin", response.Header("Vary"));
            Assert.DoesNotContain(response.HeaderNames, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }

        // An OPTIONS request that is no preflight is a method like any other.
        (await server.Anonymous.Options("/api/me")).ShouldBeProblem(401, "missing_token");
        (await server.Api.Options("/api/me", ("Origin", OrionServer.Origin))).ShouldBeProblem(405, "method_not_allowed");
    }

    [Fact]
    public async Task In_Development_the_services_own_address_is_an_allowed_origin()
    {
        var server = await Start(("environment", "Development"));
        var own = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

        ShouldAllow((await server.Api.Get("/api/me", ("Origin", own))).Should(200), own);

        var production = await Start();
        ShouldBeProblem(await production.Api.Get("/api/me", ("Origin", production.Http.BaseAddress!.GetLeftPart(UriPartial.Authority))));
    }

    [Fact]
    public async Task An_empty_list_allows_no_origin()
    {
        var server = await Start(("ALLOWED_ORIGINS", ""));

        ShouldBeProblem(await server.Api.Get("/api/me", ("Origin", OrionServer.Origin)));
        (await server.Api.Get("/api/me")).Should(200);
    }

    private static void ShouldAllow(ApiResponse response, string origin, bool isPreflight = false)
    {
        Assert.Equal(origin, response.Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", response.Header("Access-Control-Allow-Credentials"));
        if (!isPreflight) Assert.Equal(Exposed, Words(response, "Access-Control-Expose-Headers"));
    }

    private static void ShouldBeProblem(ApiResponse response)
    {
        response.ShouldBeProblem(403, "origin_not_allowed");
        Assert.DoesNotContain(response.HeaderNames, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private static string Words(ApiResponse response, string header) =>
        string.Join(' ', response.Required(header).Split(',').Select(word => word.Trim()).Order(StringComparer.Ordinal));
}
