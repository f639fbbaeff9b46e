using System.Net;
using Microsoft.AspNetCore.Http;
using Orion.Api.Network;

namespace Orion.UnitTests.Api.Network;

public sealed class ClientAddressTests
{
    private static readonly TrustedProxies Proxies = new([IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")]);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task A_trusted_peer_speaks_for_its_client(string peer)
    {
        var context = await Send(peer, ("X-Forwarded-For", ["192.0.2.9:1234"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Parse("192.0.2.9"), context.Connection.RemoteIpAddress);
        Assert.True(context.Request.IsHttps);
    }

    [Fact]
    public async Task What_a_trusted_peer_said_is_taken_and_taken_away()
    {
        var context = await Send("127.0.0.1", ("X-Forwarded-For", ["192.0.2.9"]), ("X-Forwarded-Proto", ["http"]));
        Assert.False(context.Request.Headers.ContainsKey("X-Forwarded-For"));
        Assert.False(context.Request.Headers.ContainsKey("X-Forwarded-Proto"));
    }

    [Fact]
    public async Task Any_other_peer_speaks_for_itself()
    {
        var context = await Send("192.0.2.1", ("X-Forwarded-For", ["192.0.2.9"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Parse("192.0.2.1"), context.Connection.RemoteIpAddress);
        Assert.False(context.Request.IsHttps);
    }

    [Fact]
    public async Task A_peer_without_an_address_speaks_for_itself()
    {
        var context = await Send(null, ("X-Forwarded-For", ["192.0.2.9"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Null(context.Connection.RemoteIpAddress);
        Assert.False(context.Request.IsHttps);
    }

    [Fact]
    public async Task A_spoilt_list_leaves_the_peer()
    {
        var context = await Send("127.0.0.1", ("X-Forwarded-For", ["unknown"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Loopback, context.Connection.RemoteIpAddress);
        Assert.True(context.Request.IsHttps);
    }

    [Fact]
    public async Task Each_header_counts_without_the_other()
    {
        var onlyFor = await Send("127.0.0.1", ("X-Forwarded-For", ["192.0.2.9"]));
        Assert.Equal(IPAddress.Parse("192.0.2.9"), onlyFor.Connection.RemoteIpAddress);
        Assert.Equal("http", onlyFor.Request.Scheme);

        var onlyProto = await Send("127.0.0.1", ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Loopback, onlyProto.Connection.RemoteIpAddress);
        Assert.Equal("https", onlyProto.Request.Scheme);
    }

    [Fact]
    public async Task A_trusted_peer_that_says_http_means_it_also_over_https()
    {
        var context = House.Request("127.0.0.1", headers: ("X-Forwarded-Proto", ["http"]));
        context.Request.Scheme = "https";
        await new ClientAddressMiddleware(_ => Task.CompletedTask, Proxies).InvokeAsync(context);
        Assert.False(context.Request.IsHttps);
    }

    [Fact]
    public async Task Host_and_Forwarded_never_count()
    {
        var context = await Send(
            "127.0.0.1",
            ("X-Forwarded-Host", ["evil.example.com"]),
            ("Forwarded", ["for=192.0.2.9;proto=https;host=evil.example.com"]),
            ("Host", ["api.example.com"]));
        Assert.Equal(IPAddress.Loopback, context.Connection.RemoteIpAddress);
        Assert.Equal("api.example.com", context.Request.Host.Value);
        Assert.False(context.Request.IsHttps);
    }

    [Fact]
    public async Task An_IPv4_mapped_peer_is_IPv4()
    {
        var context = await Send("::ffff:192.0.2.1");
        Assert.Equal(IPAddress.Parse("192.0.2.1"), context.Connection.RemoteIpAddress);
    }

    private static async Task<HttpContext> Send(string? peer, params (string, string[])[] headers)
    {
        var context = House.Request(peer, headers: headers);
        await new ClientAddressMiddleware(_ => Task.CompletedTask, Proxies).InvokeAsync(context);
        return context;
    }
}
