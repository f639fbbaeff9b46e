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

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("OPTIONS", null)]
    [InlineData("POST", "POST")]
    public async Task A_request_that_only_resembles_a_preflight_passes(string method, string? requestedMethod)
    {
        var context = MiddlewareHost.Request(method: method, headers: ("Origin", [App]));
        context.Request.Headers.AccessControlRequestMethod = requestedMethod;
        await Send(context);
        Assert.Equal(1, _host.Passed);
    }

    [Fact]
    public async Task OPTIONS_without_an_origin_is_not_a_preflight()
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
    public void The_listen_address_is_an_allowed_origin(string address, string origin, bool allowed)
    {
        var addresses = Substitute.For<IServerAddressesFeature>();
        var server = Substitute.For<IServer>();
        server.Features.Returns(new FeatureCollection());
        var policy = new OriginPolicy([App], new ListeningOrigins(server).List);
        Assert.Null(policy.Find(origin));

        // The address is known only when the server listens.
        addresses.Addresses.Returns([address]);
        server.Features.Set(addresses);
        Assert.Equal(allowed ? origin : null, policy.Find(origin));
        Assert.Null(policy.Find("null"));
    }

    private static OriginPolicy Policy() => new(["https://other.example.com", App]);

    private async Task<HttpContext> Send(HttpContext context)
    {
        var origin = new OriginMiddleware(_host.Next, Policy(), _host, _host.SecurityEventLog);
        await new CorsHeadersMiddleware(origin.InvokeAsync, Policy()).InvokeAsync(context);
        await MiddlewareHost.Start(context);
        return context;
    }
}
