using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Orion.Api.RateLimiting;
using Orion.Domain.Users;

namespace Orion.UnitTests.RateLimiting;

public sealed class RateLimitMiddlewareTests : IDisposable
{
    private readonly MiddlewareHost _host = new(requests: 2, userRequests: 1, seconds: 900);
    private readonly RateLimitMiddleware _middleware;

    public RateLimitMiddlewareTests() => _middleware = new RateLimitMiddleware(
        _host.Next,
        new FixedWindowRateLimiter(_host.RateLimit, _host.Time),
        new RateLimitHeaders(_host.RateLimit),
        _host,
        _host.SecurityEventLog);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Every_counted_response_has_the_rate_limit_headers()
    {
        var first = await Send(MiddlewareHost.Request());
        Assert.Equal("\"default\";q=2;w=900", first.Response.Headers["RateLimit-Policy"]);
        Assert.Equal("\"default\";r=1;t=900", first.Response.Headers["RateLimit"]);

        _host.Time.Advance(TimeSpan.FromSeconds(30.5));
        await Send(MiddlewareHost.Request());
        var rejected = await Send(MiddlewareHost.Request());
        Assert.Equal("\"default\";q=2;w=900", rejected.Response.Headers["RateLimit-Policy"]);
        Assert.Equal("\"default\";r=0;t=870", rejected.Response.Headers["RateLimit"]);
        Assert.Equal((429, "rate_limited", (int?)870), (_host.WrittenProblem!.Status, _host.WrittenProblem.Error, _host.WrittenProblem.RetryAfterSeconds));
        Assert.Equal(2, _host.Passed);
        Assert.Equal(1, _host.Counted["orion.limits.hit/budget=address"]);
    }

    [Fact]
    public async Task The_longest_numbers_fit()
    {
        var most = new MiddlewareHost(int.MaxValue, int.MaxValue, int.MaxValue);
        using (most)
        {
            var context = MiddlewareHost.Request();
            await new RateLimitMiddleware(
                most.Next,
                new FixedWindowRateLimiter(most.RateLimit, TimeProvider.System),
                new RateLimitHeaders(most.RateLimit),
                most,
                most.SecurityEventLog).InvokeAsync(context);
            await MiddlewareHost.Start(context);
            Assert.Equal("\"default\";q=2147483647;w=2147483647", context.Response.Headers["RateLimit-Policy"]);
            Assert.Equal("\"default\";r=2147483646;t=2147483647", context.Response.Headers["RateLimit"]);
        }
    }

    [Fact]
    public async Task A_user_has_one_rate_limit_from_all_addresses()
    {
        var user = UserId.New(DateTimeOffset.UnixEpoch);
        var first = await Send(MiddlewareHost.Request("192.0.2.1"), new Owner(user, false));
        Assert.Equal("\"default\";q=1;w=900", first.Response.Headers["RateLimit-Policy"]);
        Assert.Equal("\"default\";r=0;t=900", first.Response.Headers["RateLimit"]);

        await Send(MiddlewareHost.Request("192.0.2.2"), new Owner(user, false));
        Assert.Equal(429, _host.WrittenProblem!.Status);
        await Send(MiddlewareHost.Request("192.0.2.2"), new Owner(user, true));
        await Send(MiddlewareHost.Request("192.0.2.2"));
        Assert.Equal(3, _host.Passed);
        Assert.Equal(1, _host.Counted["orion.limits.hit/budget=user"]);
    }

    [Fact]
    public async Task A_token_without_a_user_counts_against_the_address()
    {
        await Send(MiddlewareHost.Request(), new Owner(null, false));
        await Send(MiddlewareHost.Request());
        await Send(MiddlewareHost.Request(), new Owner(null, true));
        Assert.Equal(2, _host.Passed);
        Assert.Equal(429, _host.WrittenProblem!.Status);
    }

    [Fact]
    public async Task Requests_without_an_address_share_one_rate_limit()
    {
        for (var i = 0; i < 3; i++)
            await Send(MiddlewareHost.Request(from: null));
        Assert.Equal(2, _host.Passed);
    }

    [Fact]
    public async Task An_endpoint_without_a_rate_limit_is_not_counted()
    {
        for (var i = 0; i < 5; i++)
        {
            var context = MiddlewareHost.Request();
            context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new DisableRateLimitingAttribute()), "health"));
            await Send(context);
            Assert.False(context.Response.Headers.ContainsKey("RateLimit"));
            Assert.False(context.Response.Headers.ContainsKey("RateLimit-Policy"));
        }

        Assert.Equal(5, _host.Passed);
        Assert.Equal("\"default\";r=1;t=900", (await Send(MiddlewareHost.Request())).Response.Headers["RateLimit"]);
    }

    private async Task<HttpContext> Send(HttpContext context, IRateLimitedCaller? owner = null)
    {
        context.Features.Set(owner);
        await _middleware.InvokeAsync(context);
        await MiddlewareHost.Start(context);
        return context;
    }

    private sealed record Owner(UserId? User, bool Session) : IRateLimitedCaller
    {
        public bool TryGetUser(out UserId user, out bool sessionToken)
        {
            user = User ?? default;
            sessionToken = Session;
            return User is not null;
        }
    }
}
