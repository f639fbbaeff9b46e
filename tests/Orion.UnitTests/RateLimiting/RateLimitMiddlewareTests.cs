using Orion.Api.RateLimiting;

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
    public async Task Requests_without_an_address_share_one_rate_limit()
    {
        for (var i = 0; i < 3; i++)
            await _middleware.InvokeAsync(MiddlewareHost.Request(from: null));
        Assert.Equal(2, _host.Passed);
    }
}
