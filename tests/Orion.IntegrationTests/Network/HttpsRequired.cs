
namespace Orion.IntegrationTests.Network;

public sealed class HttpsRequired : DedicatedTests
{
    [Theory]
    [InlineData(null, 403)]
    [InlineData("http", 403)]
    [InlineData("https", 200)]
    [InlineData("HTTPS", 200)]
    [InlineData("https, http", 403)]
    [InlineData("https,https", 403)]
    [InlineData("wss", 403)]
    [InlineData("", 403)]
    public async Task A_request_that_did_not_arrive_over_HTTPS_is_rejected_and_never_redirected(string? proto, int status)
    {
        var server = await Start(("REQUIRE_HTTPS", "true"));

        var response = await server.Api.Get("/api/me", proto is null ? [] : [("X-Forwarded-Proto", proto)]);

        if (status == 403) response.ShouldBeProblem(403, "https_required");
        else response.Should(status);
        Assert.Null(response.Header("Location"));
    }

    [Fact]
    public async Task Production_requires_HTTPS_by_default()
    {
        var server = await Start(("REQUIRE_HTTPS", ""));

        (await server.Api.Post("/api/sessions", "{}")).ShouldBeProblem(403, "https_required");
        Assert.Equal(["0|"], await server.Database.Query("SELECT count(*) FROM sessions"));
    }

    [Fact]
    public async Task It_is_the_first_check()
    {
        var server = await Start(("REQUIRE_HTTPS", "true"), ("RATE_LIMIT_MAX_REQUESTS", "1"));

        for (var n = 0; n < 3; n++)
        {
            (await server.Anonymous.Get("/api/nothing", ("Origin", "https://evil.example.com"))).ShouldBeProblem(403, "https_required");
        }
    }

    [Fact]
    public async Task Health_checks_do_not_require_it()
    {
        var server = await Start(("REQUIRE_HTTPS", "true"));

        foreach (var path in (string[])["/health", "/health/live", "/health/ready"]) (await server.Anonymous.Get(path)).Should(200);
    }

    [Fact]
    public async Task The_headers_of_an_untrusted_peer_are_ignored_and_the_log_names_the_address_to_trust()
    {
        var server = await Start(("REQUIRE_HTTPS", "true"), ("TRUSTED_PROXIES", "10.0.0.0/8"));

        for (var n = 0; n < 2; n++) (await server.Api.Get("/api/me", ("X-Forwarded-Proto", "https"))).ShouldBeProblem(403, "https_required");

        Assert.Single(server.Log.All, line => line.Text.Contains("TRUSTED_PROXIES", StringComparison.Ordinal) && line.Text.Contains("127.0.0.1", StringComparison.Ordinal));
    }
}
