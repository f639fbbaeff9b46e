using System.Net;
using Microsoft.AspNetCore.Http;
using Orion.Api.Network;

namespace Orion.UnitTests.Network;

public sealed class HttpsRequiredTests : IDisposable
{
    private readonly MiddlewareHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_rejected_request_is_counted_and_logged()
    {
        await Send(MiddlewareHost.Request());
        Assert.Equal(1, _host.Counted["orion.https.required"]);
        Assert.Equal("HttpsRequired", Assert.Single(_host.Log.Lines).Event.Name);
    }

    [Fact]
    public async Task A_proxy_that_is_not_trusted_is_logged_once()
    {
        for (var i = 0; i < 3; i++)
        {
            await Send(MiddlewareHost.Request("192.0.2.1", headers: ("X-Forwarded-Proto", ["https"])));
            _host.Time.Advance(TimeSpan.FromHours(1));
        }

        await Send(MiddlewareHost.Request("192.0.2.2", headers: ("X-Forwarded-Proto", ["https"])));
        var named = _host.Log.Lines.Where(line => line.Event.Name == "UntrustedProxy").ToList();
        Assert.Equal(2, named.Count);
        Assert.Contains("add 192.0.2.1 to TRUSTED_PROXIES", named[0].Message, StringComparison.Ordinal);
        Assert.Contains("add 192.0.2.2 to TRUSTED_PROXIES", named[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_of_a_trusted_proxy_is_never_reported_as_a_proxy()
    {
        var context = MiddlewareHost.Request("127.0.0.1", headers: [("X-Forwarded-Proto", ["http"]), ("X-Forwarded-For", ["192.0.2.9"])]);
        await new ClientAddressMiddleware(Send, new TrustedProxies([IPNetwork.Parse("127.0.0.0/8")]), _host.SecurityEventLog).InvokeAsync(context);
        Assert.Equal("HttpsRequired", Assert.Single(_host.Log.Lines).Event.Name);
    }

    [Fact]
    public async Task At_most_100_proxies_are_logged()
    {
        for (var i = 0; i < 300; i++)
            await Send(MiddlewareHost.Request($"192.0.{i / 200}.{i % 200}", headers: ("X-Forwarded-Proto", ["https"])));
        Assert.Equal(100, _host.Log.Lines.Count(line => line.Event.Name == "UntrustedProxy"));
    }

    private Task Send(HttpContext context) => new HttpsRequiredMiddleware(_host.Next, _host, _host.SecurityEventLog).InvokeAsync(context);
}
