using System.Net;
using Microsoft.AspNetCore.Http;
using Orion.Api.Network;
using Orion.Api.RateLimiting;

namespace Orion.UnitTests.Network;

public sealed class ClientAddressTests : IDisposable
{
    private readonly MiddlewareHost _host = new();

    private static readonly TrustedProxies Proxies = new([IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")]);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task The_headers_of_a_trusted_peer_are_used(string peer)
    {
        var context = await Send(peer, ("X-Forwarded-For", ["192.0.2.9:1234"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Parse("192.0.2.9"), context.Connection.RemoteIpAddress);
        Assert.True(context.Request.IsHttps);
    }

    [Fact]
    public async Task The_headers_of_a_trusted_peer_are_removed()
    {
        var context = await Send("127.0.0.1", ("X-Forwarded-For", ["192.0.2.9"]), ("X-Forwarded-Proto", ["http"]));
        Assert.False(context.Request.Headers.ContainsKey("X-Forwarded-For"));
        Assert.False(context.Request.Headers.ContainsKey("X-Forwarded-Proto"));
    }

    [Fact]
    public async Task The_headers_of_any_other_peer_are_ignored()
    {
        var context = await Send("192.0.2.1", ("X-Forwarded-For", ["192.0.2.9"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Parse("192.0.2.1"), context.Connection.RemoteIpAddress);
        Assert.False(context.Request.IsHttps);
    }

    [Fact]
    public async Task The_headers_of_a_peer_without_an_address_are_ignored()
    {
        var context = await Send(null, ("X-Forwarded-For", ["192.0.2.9"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Null(context.Connection.RemoteIpAddress);
        Assert.False(context.Request.IsHttps);
    }

    [Fact]
    public async Task A_malformed_list_leaves_the_peer()
    {
        var context = await Send("127.0.0.1", ("X-Forwarded-For", ["unknown"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Loopback, context.Connection.RemoteIpAddress);
        Assert.True(context.Request.IsHttps);
    }

    [Fact]
    public async Task Entries_that_a_client_writes_do_not_make_it_a_proxy()
    {
        // nginx's $proxy_add_x_forwarded_for.
        var context = await Send("127.0.0.1", ("X-Forwarded-For", ["x, 192.0.2.9"]), ("X-Forwarded-Proto", ["https"]));
        Assert.Equal(IPAddress.Parse("192.0.2.9"), context.Connection.RemoteIpAddress);
        Assert.Empty(_host.Log.Lines);
    }

    [Fact]
    public async Task An_untrusted_peer_that_forwards_is_named_once_with_what_it_sent_and_the_setting()
    {
        for (var n = 0; n < 3; n++) await Send("192.0.2.1", ("X-Forwarded-For", [$"192.0.2.{n}"]));
        await Send("192.0.2.2", ("X-Forwarded-For", [new string('9', 16_000)]));

        Assert.Equal([1008, 1008], _host.Log.Lines.Select(line => line.Event.Id));
        Assert.Contains("192.0.2.1 sends X-Forwarded-For (192.0.2.0)", _host.Log.Lines[0].Message, StringComparison.Ordinal);
        Assert.Contains("add 192.0.2.1 to TRUSTED_PROXIES", _host.Log.Lines[0].Message, StringComparison.Ordinal);
        Assert.InRange(_host.Log.Lines[1].Message.Length, 200, 600);
    }

    [Fact]
    public async Task An_untrusted_peer_is_named_once_whichever_header_it_sends()
    {
        var context = await Send("192.0.2.1", ("X-Forwarded-For", ["192.0.2.9"]), ("X-Forwarded-Proto", ["https"]));
        await new HttpsRequiredMiddleware(_host.Next, _host, _host.SecurityEventLog).InvokeAsync(context);

        Assert.Equal([1008, 1006], _host.Log.Lines.Select(line => line.Event.Id));
    }

    [Fact]
    public async Task At_most_100_untrusted_peers_are_logged()
    {
        for (var n = 0; n < 300; n++) await Send($"192.0.{n / 200}.{n % 200}", ("X-Forwarded-For", ["192.0.2.9"]));

        Assert.Equal(100, _host.Log.Lines.Count);
    }

    [Theory]
    [InlineData("X-Forwarded-Proto", "https,https", 1010, "X-Forwarded-Proto $scheme")]
    [InlineData("X-Forwarded-Proto", "wss", 1010, "X-Forwarded-Proto $scheme")]
    [InlineData("X-Forwarded-For", "192.0.2.1, unknown", 1009, "$proxy_add_x_forwarded_for")]
    public async Task A_malformed_header_of_a_trusted_proxy_is_logged_once(string header, string value, int id, string advice)
    {
        for (var n = 0; n < 3; n++) await Send("127.0.0.1", (header, [value]));

        var line = Assert.Single(_host.Log.Lines);
        Assert.Equal(id, line.Event.Id);
        Assert.Contains($"127.0.0.1 sends {header} ({value})", line.Message, StringComparison.Ordinal);
        Assert.Contains(advice, line.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https")]
    [InlineData("http")]
    [InlineData("HTTPS")]
    public async Task A_valid_scheme_is_not_logged(string scheme)
    {
        await Send("127.0.0.1", ("X-Forwarded-Proto", [scheme]), ("X-Forwarded-For", ["192.0.2.9"]));

        Assert.Empty(_host.Log.Lines);
    }

    [Theory]
    [InlineData("127.0.0.1", "198.51.100.7, 192.0.2.1", true)]
    [InlineData("192.0.2.1", "198.51.100.7", true)]
    [InlineData("127.0.0.1", "192.0.2.1", false)]
    public async Task An_address_that_may_be_a_CDN_is_logged_once_when_it_exceeds_its_rate_limit(string peer, string list, bool isNamed)
    {
        for (var n = 0; n < 2; n++)
        {
            var context = await Send(peer, ("X-Forwarded-For", [list]));
            Assert.Equal(IPAddress.Parse("192.0.2.1"), context.Connection.RemoteIpAddress);
            _host.SecurityEventLog.RateLimited(context, RateLimitPartitionKind.User);
            _host.SecurityEventLog.RateLimited(context, RateLimitPartitionKind.Address);
        }

        var named = _host.Log.Lines.Where(line => line.Event.Id == 1011).ToList();
        if (!isNamed) Assert.Empty(named);
        else Assert.Contains($"({list}). If 192.0.2.1 is a proxy or CDN", Assert.Single(named).Message, StringComparison.Ordinal);
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
    public async Task The_scheme_http_of_a_trusted_peer_applies_over_HTTPS_too()
    {
        var context = MiddlewareHost.Request("127.0.0.1", headers: ("X-Forwarded-Proto", ["http"]));
        context.Request.Scheme = "https";
        await new ClientAddressMiddleware(_ => Task.CompletedTask, Proxies, _host.SecurityEventLog).InvokeAsync(context);
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

    private async Task<HttpContext> Send(string? peer, params (string, string[])[] headers)
    {
        var context = MiddlewareHost.Request(peer, headers: headers);
        await new ClientAddressMiddleware(_ => Task.CompletedTask, Proxies, _host.SecurityEventLog).InvokeAsync(context);
        return context;
    }
}
