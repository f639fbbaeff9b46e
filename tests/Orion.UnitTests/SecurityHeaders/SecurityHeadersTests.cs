using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Orion.Api.Cors;
using Orion.Api.Http;
using Orion.Api.RateLimiting;
using Orion.Api.SecurityHeaders;

namespace Orion.UnitTests.SecurityHeaders;

public sealed partial class SecurityHeadersTests
{
    [Fact]
    public async Task The_permissions_policy_names_features_and_grants_nothing()
    {
        var context = await Send();

        var policy = context.Response.Headers["Permissions-Policy"].ToString();
        var features = policy.Split(", ");
        Assert.All(features, feature => Assert.Matches(EmptyGrants(), feature));
        Assert.Equal(features.Distinct(), features);
        Assert.Contains("camera=()", features);
        Assert.Contains("geolocation=()", features);
    }

    [Fact]
    public async Task An_endpoint_may_overwrite_the_content_security_policy_for_itself()
    {
        var context = MiddlewareHost.Request();
        await new SecurityHeadersMiddleware(inner =>
        {
            inner.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
            return Task.CompletedTask;
        }).InvokeAsync(context);
        await MiddlewareHost.Start(context);

        Assert.Equal("default-src 'self'", context.Response.Headers.ContentSecurityPolicy);
    }

    [Fact]
    public async Task Clearing_a_response_keeps_the_protections_and_drops_the_rest()
    {
        using var host = new MiddlewareHost(requests: 2, seconds: 60);
        var context = MiddlewareHost.Request(headers: [("X-Request-Id", ["abc"]), ("Origin", ["https://app.example.com"])]);
        RequestDelegate fails = inner =>
        {
            var headers = inner.Response.Headers;
            headers.ContentSecurityPolicy = "default-src 'self'";
            headers.CacheControl = "max-age=60";
            headers.Location = "/api/sessions/1";
            headers.ETag = "\"1\"";
            inner.Response.StatusCode = 201;
            inner.Response.Clear();
            return Task.CompletedTask;
        };
        var limited = new RateLimitMiddleware(
            fails, new FixedWindowRateLimiter(host.RateLimit, host.Time), new RateLimitHeaders(host.RateLimit), host, host.SecurityEventLog);
        var cors = new CorsHeadersMiddleware(limited.InvokeAsync, new OriginPolicy(["https://app.example.com"]));
        var identified = new RequestIdMiddleware(cors.InvokeAsync, NullLogger<RequestIdMiddleware>.Instance);
        await new SecurityHeadersMiddleware(identified.InvokeAsync).InvokeAsync(context);
        await MiddlewareHost.Start(context);

        var headers = context.Response.Headers;
        Assert.Equal(200, context.Response.StatusCode);
        Assert.Equal("abc", headers["X-Request-Id"]);
        Assert.Equal("Origin", headers.Vary);
        Assert.Equal("https://app.example.com", headers.AccessControlAllowOrigin);
        Assert.Equal("true", headers.AccessControlAllowCredentials);
        Assert.Contains("ETag", headers.AccessControlExposeHeaders.ToString(), StringComparison.Ordinal);
        Assert.Equal("\"default\";r=1;t=60", headers["RateLimit"]);
        Assert.Equal("\"default\";q=2;w=60", headers["RateLimit-Policy"]);
        Assert.Equal("no-store", headers.CacheControl);
        Assert.StartsWith("default-src 'none'", headers.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.False(headers.ContainsKey("Location"));
        Assert.False(headers.ContainsKey("ETag"));
    }

    private static async Task<HttpContext> Send()
    {
        var context = MiddlewareHost.Request();
        await new SecurityHeadersMiddleware(_ => Task.CompletedTask).InvokeAsync(context);
        await MiddlewareHost.Start(context);
        return context;
    }

    [GeneratedRegex(@"^[a-z-]+=\(\)$")]
    private static partial Regex EmptyGrants();
}
