using System.Globalization;
using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.RateLimiting;

public sealed partial class RateLimits : DedicatedTests
{
    [Fact]
    public async Task Of_200_concurrent_requests_exactly_the_limit_of_50_passes()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "50"));

        var responses = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => server.Api.Get("/api/me")));

        Assert.Equal(50, responses.Count(response => response.Status == 200));
        Assert.All(responses.Where(response => response.Status != 200), response => response.ShouldBeProblem(429, "rate_limited"));
        Assert.Equal(Enumerable.Range(0, 50), responses.Where(response => response.Status == 200).Select(response => Left(response).Requests).Order());
    }

    [Fact]
    public async Task Every_counted_response_has_the_remaining_requests_and_a_rejection_has_Retry_After()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "3"), ("RATE_LIMIT_WINDOW_SECONDS", "900"));

        for (var left = 2; left >= 0; left--)
        {
            var response = await server.Api.Get(left switch { 2 => "/api/search?q=moon", 1 => "/api/nothing", _ => "/api/me" });
            Assert.Equal("\"default\";q=3;w=900", response.Header("RateLimit-Policy"));
            Assert.Equal(left, Left(response).Requests);
            Assert.InRange(Left(response).Seconds, 850, 900);
            Assert.Null(response.Header("Retry-After"));
        }

        var before = await server.Database.Snapshot();
        var rejected = (await server.Api.Post("/api/sessions", "{}")).ShouldBeProblem(429, "rate_limited");
        Assert.Equal(before, await server.Database.Snapshot());
        Assert.Equal("\"default\";q=3;w=900", rejected.Header("RateLimit-Policy"));
        Assert.Equal(0, Left(rejected).Requests);
        Assert.Equal(Left(rejected).Seconds.ToString(CultureInfo.InvariantCulture), rejected.Required("Retry-After"));
        Assert.InRange(Left(rejected).Seconds, 850, 900);
    }

    [Fact]
    public async Task An_export_counts_as_ten_requests_and_one_that_does_not_fit_counts_as_none()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "30"));
        await server.Api.Create(new { firstMessage = "Hello" });
        Assert.Equal(19, Left((await server.Api.Get("/api/export")).Should(200)).Requests);
        Assert.Equal(9, Left((await server.Api.Head("/api/export")).Should(200)).Requests);

        var rejected = (await server.Api.Get("/api/export")).ShouldBeProblem(429, "rate_limited");

        Assert.Equal(9, Left(rejected).Requests);
        Assert.Equal(Left(rejected).Seconds.ToString(CultureInfo.InvariantCulture), rejected.Required("Retry-After"));
        for (var left = 8; left >= 0; left--) Assert.Equal(left, Left((await server.Api.Get("/api/me")).Should(200)).Requests);
        (await server.Api.Get("/api/me")).ShouldBeProblem(429, "rate_limited");
    }

    [Fact]
    public async Task A_window_is_fixed_and_ends_by_the_monotonic_clock()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "2"), ("RATE_LIMIT_WINDOW_SECONDS", "100"));
        (await server.Api.Get("/api/me")).Should(200);
        server.Clock.Advance(TimeSpan.FromSeconds(60));
        var second = (await server.Api.Get("/api/me")).Should(200);
        Assert.InRange(Left(second).Seconds, 30, 40);
        (await server.Api.Get("/api/me")).ShouldBeProblem(429, "rate_limited");

        server.Clock.Advance(TimeSpan.FromSeconds(41));

        Assert.Equal(1, Left((await server.Api.Get("/api/me")).Should(200)).Requests);
    }

    [Fact]
    public async Task Each_user_has_a_rate_limit_and_each_address_has_one_for_all_other_requests()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "2"), ("RATE_LIMIT_USER_MAX_REQUESTS", "3"));
        await server.Database.Authorize(OrionFixture.Friend, TimeProvider.System.GetUtcNow());

        for (var n = 0; n < 3; n++) (await server.Api.Get("/api/me")).Should(200);
        (await server.Api.Get("/api/me")).ShouldBeProblem(429, "rate_limited");
        (await server.As(OrionFixture.Friend).Get("/api/me")).Should(200);

        // Requests without an authorized user count against their address: no token, a forged one, one of an unauthorized user.
        (await server.Anonymous.Get("/api/me")).ShouldBeProblem(401, "missing_token");
        var stranger = (await server.As("stranger@example.com").Get("/api/me")).ShouldBeProblem(403, "not_authorized");
        Assert.Equal("\"default\";q=2;w=900", stranger.Header("RateLimit-Policy"));
        (await server.Anonymous.Get("/api/me", ("Authorization", "Bearer x.y.z"))).ShouldBeProblem(429, "rate_limited");

        // The friend's rate limit is not affected.
        (await server.As(OrionFixture.Friend).Get("/api/me")).Should(200);
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.7:5555", true)]
    [InlineData("203.0.113.7", "198.51.100.1, 203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.7, 198.51.100.1", false)]
    [InlineData("203.0.113.7", "203.0.113.7, 127.0.0.1", true)]
    [InlineData("203.0.113.7", "x, 203.0.113.7", true)]
    [InlineData("x, 203.0.113.7", "x, 198.51.100.1", false)]
    [InlineData("203.0.113.7", "64:ff9b::203.0.113.7", true)]
    [InlineData("64:ff9b::203.0.113.7", "64:ff9b::203.0.113.8", false)]
    [InlineData("2001:db8:0:1100::1", "2001:db8:0:11ff::2", true)]
    [InlineData("2001:db8:0:1100::1", "2001:db8:0:1200::1", false)]
    [InlineData("2001:db8:0:1100::1", "[2001:db8:0:1100::1]:443", true)]
    public async Task The_address_is_the_one_that_trusted_proxies_name(string first, string second, bool same)
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "1"));

        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", first))).Should(401);

        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", second))).Should(same ? 429 : 401);
    }

    [Fact]
    public async Task An_invalid_address_counts_against_the_peer()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "1"));
        (await server.Anonymous.Get("/api/me")).Should(401);

        foreach (var header in (string[])["nonsense", "203.0.113.7, nonsense", string.Join(", ", Enumerable.Repeat("127.0.0.1", 20).Prepend("203.0.113.7"))])
        {
            (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", header))).Should(429);
        }
    }

    [Fact]
    public async Task An_untrusted_peer_cannot_name_a_client()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "1"), ("TRUSTED_PROXIES", "10.0.0.0/8"));
        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", "203.0.113.7"))).Should(401);

        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", "203.0.113.8"))).Should(429);
        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", "203.0.113.9"))).Should(429);

        // One warning that it forwards, and one that its rate limit is exceeded.
        var warnings = server.Log.All.Where(line => line.Text.Contains("add", StringComparison.Ordinal) && line.Text.Contains("TRUSTED_PROXIES", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, warnings.Count);
        Assert.Contains("127.0.0.1 sends X-Forwarded-For (203.0.113.7)", warnings[0].Text, StringComparison.Ordinal);
        Assert.Contains("(203.0.113.8)", warnings[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflights_health_and_rejected_origins_are_not_counted()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "1"));

        for (var n = 0; n < 5; n++)
        {
            ApiResponse[] responses =
            [
                await server.Anonymous.Options("/api/sessions", ("Origin", OrionServer.Origin), ("Access-Control-Request-Method", "POST")),
                await server.Anonymous.Get("/health"), await server.Anonymous.Get("/health/live"), await server.Anonymous.Get("/health/ready"),
                await server.Anonymous.Get("/"), await server.Anonymous.Get("/api/me", ("Origin", "https://evil.example.com")),
            ];
            Assert.All(responses, response => Assert.Null(response.Header("RateLimit")));
            Assert.All(responses[..5], response => Assert.InRange(response.Status, 200, 204));
        }

        (await server.Anonymous.Get("/api/me")).ShouldBeProblem(401, "missing_token");
        (await server.Anonymous.Get("/api/me")).ShouldBeProblem(429, "rate_limited");
        for (var n = 0; n < 3; n++) (await server.Anonymous.Get("/health", ("Authorization", "Bearer nonsense"))).Should(200);
    }

    private static (int Requests, int Seconds) Left(ApiResponse response)
    {
        var match = RateLimit().Match(response.Required("RateLimit"));
        Assert.True(match.Success, response.ToString());
        return (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("^\"default\";r=(\\d+);t=(\\d+)$")]
    private static partial Regex RateLimit();
}
