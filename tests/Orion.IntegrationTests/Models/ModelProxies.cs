using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Models;

/// <summary>The proxy of the environment carries only https: (docs/models.md), which it cannot read.</summary>
public sealed class ModelProxies : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();
    private readonly Proxy _proxy = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_model_at_an_http_address_is_asked_directly()
    {
        await using var model = await ModelStandIn.Start();
        string[] variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

        var reply = await Ask([.. model.Settings, .. variables.Select(name => (name, _proxy.Url))]);

        Assert.Equal(("completed", "Hello, world."), (reply.Text("status"), reply.Text("text")));
        Assert.Equal($"Bearer {ModelStandIn.ApiKey}", model.Request.Headers["Authorization"]);
        Assert.Empty(_proxy.Requests);
    }

    [Theory]
    [InlineData("HTTPS_PROXY", null, true)]
    [InlineData("ALL_PROXY", null, true)]
    [InlineData("HTTPS_PROXY", "127.0.0.1", false)]
    [InlineData("HTTP_PROXY", null, false)]
    public async Task A_model_at_an_https_address_is_asked_through_a_tunnel_of_the_proxy(string variable, string? noProxy, bool isUsed)
    {
        // Nothing listens there.
        List<(string, string)> settings =
            [("MODEL_URL", "https://127.0.0.1:1/v1"), ("MODEL_NAMES", "model"), ("MODEL_API_KEY", ModelStandIn.ApiKey), (variable, _proxy.Url)];
        if (noProxy is not null) settings.Add(("NO_PROXY", noProxy));

        var reply = await Ask(settings);

        Assert.Equal(("failed", "model_unavailable"), (reply.Text("status"), reply.Text("error")));
        Assert.Equal(isUsed ? ["CONNECT 127.0.0.1:1 HTTP/1.1"] : [], _proxy.Requests.Select(request => request.Split("\r\n")[0]).Distinct());
        Assert.DoesNotContain(_proxy.Requests, request =>
            request.Contains("Authorization", StringComparison.OrdinalIgnoreCase) || request.Contains(ModelStandIn.ApiKey, StringComparison.Ordinal));
    }

    // In a process, because the runtime reads these variables once.
    private async Task<ApiResponse> Ask(IEnumerable<(string Name, string Value)> settings)
    {
        var port = PostgresCluster.FreePort();
        var environment = OrionProcess.Environment(_database, port);
        foreach (var (name, value) in settings) environment[name] = value;
        await using var orion = OrionProcess.Start(_database.DataFolder, environment);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
        };
        await orion.BecomesReady(http);
        var api = new ApiClient(http, () => TestToken.For(OrionServer.Owner).ToString());
        var path = (await api.Post($"/api/sessions/{await api.Create()}/replies", new { content = "Hello" })).Should(201).Required("Location");
        ApiResponse? reply = null;
        await Eventually.Until(async () => (reply = (await api.Get(path)).Should(200)).Text("status") != "streaming", "The reply does not end.");
        return reply!;
    }

    /// <summary>A proxy that records what it can read, and connects to nothing.</summary>
    private sealed class Proxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentQueue<string> _requests = new();

        public Proxy()
        {
            _listener.Start();
            _ = Accept();
        }

        public string Url => $"http://{_listener.LocalEndpoint}";

        public IReadOnlyList<string> Requests => [.. _requests];

        public void Dispose() => _listener.Dispose();

        private async Task Accept()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    var buffer = new byte[64 * 1024];
                    var count = await client.GetStream().ReadAsync(buffer);
                    _requests.Enqueue(Encoding.Latin1.GetString(buffer, 0, count));
                    await client.GetStream().WriteAsync("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }
}
