using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NSubstitute;
using Orion.Api.Cors;

namespace Orion.UnitTests.Cors;

public sealed class OriginTests : IDisposable
{
    private const string App = "https://app.example.com";

    private readonly MiddlewareHost _host = new();

    public static TheoryData<string[]> Foreign => new(new string[][]
    {
        ["https://evil.example.com"],
        [""],
        ["null"],
        ["*"],
        [App, App],
        [App + ", " + App],
        [App + "/"],
        [App + ":443"],
        ["https://APP.example.com"],
        ["http://app.example.com"],
        ["https://app.example.com.evil.example.com"],
        [" " + App],
    });

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Without_an_origin_a_request_passes_and_still_varies_by_it()
    {
        var context = await Send(MiddlewareHost.Request());
        Assert.Equal(1, _host.Passed);
        Assert.Equal("Origin", context.Response.Headers.Vary);
        Assert.DoesNotContain(context.Response.Headers, IsCors);
    }

    [Fact]
    public async Task An_allowed_origin_is_echoed_and_may_read_the_response()
    {
        var context = await Send(MiddlewareHost.Request(headers: ("Origin", [App])));
        var headers = context.Response.Headers;
        Assert.Equal(1, _host.Passed);
        Assert.Equal("Origin", headers.Vary);
        Assert.Equal(App, headers.AccessControlAllowOrigin);
        Assert.Equal("true", headers.AccessControlAllowCredentials);
        Assert.Equal(
            "Content-Length, X-Request-Id, Location, ETag, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed",
            headers.AccessControlExposeHeaders);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task Any_other_origin_is_rejected_without_a_CORS_header(string[] origins)
    {
        var context = await Send(MiddlewareHost.Request(headers: ("Origin", origins)));
        Assert.Equal(0, _host.Passed);
        Assert.Equal((403, "origin_not_allowed"), (_host.WrittenProblem!.Status, _host.WrittenProblem.Error));
        Assert.Equal("Origin", context.Response.Headers.Vary);
        Assert.DoesNotContain(context.Response.Headers, IsCors);
        Assert.Equal(1, _host.Counted["orion.origins.refused"]);
        Assert.Equal("OriginRefused", Assert.Single(_host.Log.Lines).Event.Name);
    }

    [Fact]
    public async Task A_preflight_of_another_origin_is_rejected_too()
    {
        var context = await Send(Preflight("https://evil.example.com"));
        Assert.Equal("origin_not_allowed", _host.WrittenProblem!.Error);
        Assert.DoesNotContain(context.Response.Headers, IsCors);
    }

    [Fact]
    public async Task A_preflight_ends_here_with_what_is_allowed_for_a_day()
    {
        var context = await Send(Preflight(App));
        var headers = context.Response.Headers;
        Assert.Equal(0, _host.Passed);
        Assert.Null(_host.WrittenProblem);
        Assert.Equal(204, context.Response.StatusCode);
        Assert.Equal(App, headers.AccessControlAllowOrigin);
        Assert.Equal("true", headers.AccessControlAllowCredentials);
        Assert.Equal("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", headers.AccessControlAllowMethods);
        Assert.Equal(
            "Content-Type, Authorization, X-Requested-With, X-Request-Id, Idempotency-Key, If-Match, Last-Event-ID",
            headers.AccessControlAllowHeaders);
        Assert.Equal("86400", headers.AccessControlMaxAge);
        Assert.Equal("Origin", headers.Vary);
        Assert.Null(context.Response.ContentType);
        Assert.Null(context.Response.ContentLength);
    }

    [Theory]
    [InlineData("OPTIONS", null)]
    [InlineData("POST", "POST")]
    public async Task What_only_looks_like_a_preflight_passes(string method, string? asksFor)
    {
        var context = MiddlewareHost.Request(method: method, headers: ("Origin", [App]));
        context.Request.Headers.AccessControlRequestMethod = asksFor;
        await Send(context);
        Assert.Equal(1, _host.Passed);
    }

    [Fact]
    public async Task Options_without_an_origin_is_no_preflight()
    {
        await Send(MiddlewareHost.Request(method: "OPTIONS", headers: ("Access-Control-Request-Method", ["POST"])));
        Assert.Equal(1, _host.Passed);
    }

    [Theory]
    [InlineData("Accept-Encoding", "Accept-Encoding,Origin")]
    [InlineData(null, "Origin")]
    [InlineData("Accept, origin", "Accept, origin")]
    [InlineData("Original", "Original,Origin")]
    public async Task A_later_Vary_does_not_lose_the_origin(string? later, string sent)
    {
        var context = MiddlewareHost.Request();
        await new CorsHeadersMiddleware(_host.Next, Policy()).InvokeAsync(context);
        context.Response.Headers.Vary = later;
        await MiddlewareHost.Start(context);
        Assert.Equal(sent, context.Response.Headers.Vary.ToString());
    }

    [Theory]
    [InlineData("http://localhost:3002", "http://localhost:3002", true)]
    [InlineData("http://127.0.0.1:3002", "http://localhost:3002", true)]
    [InlineData("http://[::]:3002", "http://127.0.0.1:3002", true)]
    [InlineData("http://[::1]:3002", "http://[::1]:3002", true)]
    [InlineData("http://*:80", "http://localhost", true)]
    [InlineData("https://+:443", "https://localhost", true)]
    [InlineData("http://192.0.2.1:3002", "http://192.0.2.1:3002", true)]
    [InlineData("http://192.0.2.1:3002", "http://localhost:3002", false)]
    [InlineData("http://localhost:3002", "http://localhost:3003", false)]
    [InlineData("http://localhost:3002", "https://localhost:3002", false)]
    [InlineData("http://*:3002", "http://*:3002", false)]
    [InlineData("http://unix:/run/orion.sock", "http://localhost", false)]
    public void The_address_listened_on_is_an_own_origin(string address, string origin, bool allowed)
    {
        var addresses = Substitute.For<IServerAddressesFeature>();
        var server = Substitute.For<IServer>();
        server.Features.Returns(new FeatureCollection());
        var policy = new OriginPolicy([App], new ListeningOrigins(server).List);
        Assert.Null(policy.Find(origin));

        // Known only once the server listens.
        addresses.Addresses.Returns([address]);
        server.Features.Set(addresses);
        Assert.Equal(allowed ? origin : null, policy.Find(origin));
        Assert.Null(policy.Find("null"));
    }

    private static OriginPolicy Policy() => new(["https://other.example.com", App]);

    private static bool IsCors(KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> header) =>
        header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);

    private static DefaultHttpContext Preflight(string origin) => MiddlewareHost.Request(
        method: "OPTIONS",
        headers: [("Origin", [origin]), ("Access-Control-Request-Method", ["PATCH"])]);

    private async Task<HttpContext> Send(HttpContext context)
    {
        var origin = new OriginMiddleware(_host.Next, Policy(), _host, _host.SecurityEventLog);
        await new CorsHeadersMiddleware(origin.InvokeAsync, Policy()).InvokeAsync(context);
        await MiddlewareHost.Start(context);
        return context;
    }
}
