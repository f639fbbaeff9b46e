using System.Globalization;
using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.RateLimiting;

public sealed partial class RateLimits : DedicatedTests
{
    [Fact]
    public async Task Of_200_requests_at_once_exactly_the_budget_of_50_passes()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "50"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => server.Api.Get("/api/me")));

        Assert.Equal(50, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.ShouldRefuse(429, "rate_limited"));
        Assert.Equal(Enumerable.Range(0, 50), answers.Where(answer => answer.Status == 200).Select(answer => Left(answer).Requests).Order());
    }

    [Fact]
    public async Task Every_counted_answer_says_what_is_left_and_a_refusal_when_to_come_back()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "3"), ("RATE_LIMIT_WINDOW_SECONDS", "900"));

        for (var left = 2; left >= 0; left--)
        {
            var answer = await server.Api.Get(left == 1 ? "/api/nothing" : "/api/me");
            Assert.Equal("\"default\";q=3;w=900", answer.Header("RateLimit-Policy"));
            Assert.Equal(left, Left(answer).Requests);
            Assert.InRange(Left(answer).Seconds, 850, 900);
            Assert.Null(answer.Header("Retry-After"));
        }

        var before = await server.Database.Snapshot();
        var refused = (await server.Api.Post("/api/sessions", "{}")).ShouldRefuse(429, "rate_limited");
        Assert.Equal(before, await server.Database.Snapshot());
        Assert.Equal("\"default\";q=3;w=900", refused.Header("RateLimit-Policy"));
        Assert.Equal(0, Left(refused).Requests);
        Assert.Equal(Left(refused).Seconds.ToString(CultureInfo.InvariantCulture), refused.Needs("Retry-After"));
        Assert.InRange(Left(refused).Seconds, 850, 900);
    }

    [Fact]
    public async Task A_window_is_fixed_and_ends_by_the_monotonic_clock()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "2"), ("RATE_LIMIT_WINDOW_SECONDS", "100"));
        (await server.Api.Get("/api/me")).Should(200);
        server.Clock.Advance(TimeSpan.FromSeconds(60));
        var second = (await server.Api.Get("/api/me")).Should(200);
        Assert.InRange(Left(second).Seconds, 30, 40);
        (await server.Api.Get("/api/me")).ShouldRefuse(429, "rate_limited");

        server.Clock.Advance(TimeSpan.FromSeconds(41));

        Assert.Equal(1, Left((await server.Api.Get("/api/me")).Should(200)).Requests);
    }

    [Fact]
    public async Task Each_user_has_a_budget_and_each_address_has_one_for_everything_else()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "2"), ("RATE_LIMIT_USER_MAX_REQUESTS", "3"));
        await server.Database.Authorize(OrionFixture.Friend, TimeProvider.System.GetUtcNow());

        for (var n = 0; n < 3; n++) (await server.Api.Get("/api/me")).Should(200);
        (await server.Api.Get("/api/me")).ShouldRefuse(429, "rate_limited");
        (await server.As(OrionFixture.Friend).Get("/api/me")).Should(200);

        // Those that count for nobody draw on their address: no token, a forged one, a stranger's.
        (await server.Anonymous.Get("/api/me")).ShouldRefuse(401, "missing_token");
        var stranger = (await server.As("stranger@example.com").Get("/api/me")).ShouldRefuse(403, "not_authorized");
        Assert.Equal("\"default\";q=2;w=900", stranger.Header("RateLimit-Policy"));
        (await server.Anonymous.Get("/api/me", ("Authorization", "Bearer x.y.z"))).ShouldRefuse(429, "rate_limited");

        // The friend's budget is untouched by it.
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
    public async Task An_address_that_is_none_counts_for_the_peer_itself()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "1"));
        (await server.Anonymous.Get("/api/me")).Should(401);

        foreach (var header in (string[])["nonsense", "203.0.113.7, nonsense", string.Join(", ", Enumerable.Repeat("127.0.0.1", 20).Prepend("203.0.113.7"))])
        {
            (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", header))).Should(429);
        }
    }

    [Fact]
    public async Task A_peer_that_is_not_trusted_names_nobody()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "1"), ("TRUSTED_PROXIES", "10.0.0.0/8"));
        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", "203.0.113.7"))).Should(401);

        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", "203.0.113.8"))).Should(429);
        (await server.Anonymous.Get("/api/me", ("X-Forwarded-For", "203.0.113.9"))).Should(429);

        // Once that it forwards, and once that its budget is used up.
        var told = server.Log.All.Where(line => line.Text.Contains("add", StringComparison.Ordinal) && line.Text.Contains("TRUSTED_PROXIES", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, told.Count);
        Assert.Contains("127.0.0.1 sends X-Forwarded-For (203.0.113.7)", told[0].Text, StringComparison.Ordinal);
        Assert.Contains("(203.0.113.8)", told[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflights_health_and_refused_origins_are_not_counted()
    {
        var server = await Start(("RATE_LIMIT_MAX_REQUESTS", "1"));

        for (var n = 0; n < 5; n++)
        {
            ApiResponse[] answers =
            [
                await server.Anonymous.Options("/api/sessions", ("Origin", OrionServer.Origin), ("Access-Control-Request-Method", "POST")),
                await server.Anonymous.Get("/health"), await server.Anonymous.Get("/health/live"), await server.Anonymous.Get("/health/ready"),
                await server.Anonymous.Get("/"), await server.Anonymous.Get("/api/me", ("Origin", "https://evil.example.com")),
            ];
            Assert.All(answers, answer => Assert.Null(answer.Header("RateLimit")));
            Assert.All(answers[..5], answer => Assert.InRange(answer.Status, 200, 204));
        }

        (await server.Anonymous.Get("/api/me")).ShouldRefuse(401, "missing_token");
        (await server.Anonymous.Get("/api/me")).ShouldRefuse(429, "rate_limited");
        for (var n = 0; n < 3; n++) (await server.Anonymous.Get("/health", ("Authorization", "Bearer nonsense"))).Should(200);
    }

    private static (int Requests, int Seconds) Left(ApiResponse answer)
    {
        var match = RateLimit().Match(answer.Needs("RateLimit"));
        Assert.True(match.Success, answer.ToString());
        return (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("^\"default\";r=(\\d+);t=(\\d+)$")]
    private static partial Regex RateLimit();
}
