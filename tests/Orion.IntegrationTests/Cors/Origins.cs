
namespace Orion.IntegrationTests.Cors;

public sealed class Origins : DedicatedTests
{
    private const string Methods = "DELETE GET HEAD OPTIONS PATCH POST PUT";
    private const string RequestHeaders = "Authorization Content-Type Idempotency-Key If-Match Last-Event-ID X-Request-Id X-Requested-With";
    private const string Exposed = "Content-Length ETag Idempotency-Replayed Location RateLimit RateLimit-Policy Retry-After X-Request-Id";

    [Fact]
    public async Task An_origin_on_the_list_is_echoed_on_successes_and_refusals()
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
    public async Task An_origin_off_the_list_is_refused_on_every_route(string origin)
    {
        var server = await Start();
        var token = $"Authorization: Bearer {TestToken.For(OrionServer.Owner)}";
        foreach (var line in (string[])[
            "GET /api/me", "GET /api/nothing", "DELETE /api/sessions/x", "GET /health", "GET /health/live", "GET /health/ready", "GET /",
            "OPTIONS /api/sessions", "PUT /api/me"])
        {
            ShouldRefuse(await RawHttp.Send(server.Port, $"{line} HTTP/1.1", token, $"Origin: {origin}", "Access-Control-Request-Method: GET"));
        }
    }

    [Fact]
    public async Task A_repeated_origin_is_refused()
    {
        var server = await Start();

        ShouldRefuse(await RawHttp.Send(server.Port, "GET /api/me HTTP/1.1", $"Origin: {OrionServer.Origin}", $"Origin: {OrionServer.Origin}"));
    }

    [Theory]
    [InlineData("/api/sessions")]
    [InlineData("/api/sessions/create")]
    [InlineData("/nothing/at/all")]
    [InlineData("/health")]
    public async Task A_preflight_is_answered_on_any_path(string path)
    {
        var server = await Start();

        var answer = (await server.Anonymous.Options(path, ("Origin", OrionServer.Origin), ("Access-Control-Request-Method", "POST"))).Should(204);

        SecurityHeaderAssertions.ShouldBeOn(answer);
        ShouldAllow(answer, OrionServer.Origin, isPreflight: true);
        Assert.Equal(Methods, Words(answer, "Access-Control-Allow-Methods"));
        Assert.Equal(RequestHeaders, Words(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("86400", answer.Header("Access-Control-Max-Age"));
        Assert.Empty(answer.Body);
    }

    [Theory]
    [InlineData("authorization,baggage,last-event-id,sentry-trace,traceparent,user-agent,x-stainless-os", "authorization baggage last-event-id sentry-trace traceparent user-agent x-stainless-os")]
    [InlineData("a b", RequestHeaders)]
    [InlineData("", RequestHeaders)]
    public async Task A_preflight_allows_the_headers_that_it_asks_for(string requested, string allowed)
    {
        var server = await Start();

        var answer = (await server.Anonymous.Options("/api/sessions", ("Origin", OrionServer.Origin), ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", requested))).Should(204);

        Assert.Equal(allowed, Words(answer, "Access-Control-Allow-Headers"));
    }

    [Theory]
    [InlineData("tauri://localhost")]
    [InlineData("app://obsidian.md")]
    [InlineData("chrome-extension://abcdefghijklmnopabcdefghijklmnop")]
    [InlineData("https://app.example.")]
    public async Task An_apps_own_origin_can_be_on_the_list(string origin)
    {
        var server = await Start(("ALLOWED_ORIGINS", $"{OrionServer.Origin},{origin}"));

        ShouldAllow((await server.Api.Get("/api/me", ("Origin", origin))).Should(200), origin);
        ShouldRefuse(await server.Api.Get("/api/me", ("Origin", origin + "x")));
    }

    [Fact]
    public async Task Without_an_origin_nothing_is_said_about_origins_but_Vary()
    {
        var server = await Start();

        foreach (var answer in (ApiResponse[])[await server.Api.Get("/api/me"), await server.Anonymous.Get("/health"), await server.Anonymous.Get("/api/me")])
        {
            Assert.Equal("Origin", answer.Header("Vary"));
            Assert.DoesNotContain(answer.HeaderNames, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }

        // An OPTIONS request that is no preflight is a method like any other.
        (await server.Anonymous.Options("/api/me")).ShouldRefuse(401, "missing_token");
        (await server.Api.Options("/api/me", ("Origin", OrionServer.Origin))).ShouldRefuse(405, "method_not_allowed");
    }

    [Fact]
    public async Task In_Development_the_own_address_is_an_origin_too()
    {
        var server = await Start(("environment", "Development"));
        var own = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

        ShouldAllow((await server.Api.Get("/api/me", ("Origin", own))).Should(200), own);

        var production = await Start();
        ShouldRefuse(await production.Api.Get("/api/me", ("Origin", production.Http.BaseAddress!.GetLeftPart(UriPartial.Authority))));
    }

    [Fact]
    public async Task An_empty_list_allows_no_origin()
    {
        var server = await Start(("ALLOWED_ORIGINS", ""));

        ShouldRefuse(await server.Api.Get("/api/me", ("Origin", OrionServer.Origin)));
        (await server.Api.Get("/api/me")).Should(200);
    }

    private static void ShouldAllow(ApiResponse answer, string origin, bool isPreflight = false)
    {
        Assert.Equal(origin, answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", answer.Header("Access-Control-Allow-Credentials"));
        if (!isPreflight) Assert.Equal(Exposed, Words(answer, "Access-Control-Expose-Headers"));
    }

    private static void ShouldRefuse(ApiResponse answer)
    {
        answer.ShouldRefuse(403, "origin_not_allowed");
        Assert.DoesNotContain(answer.HeaderNames, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private static string Words(ApiResponse answer, string header) =>
        string.Join(' ', answer.Needs(header).Split(',').Select(word => word.Trim()).Order(StringComparer.Ordinal));
}
