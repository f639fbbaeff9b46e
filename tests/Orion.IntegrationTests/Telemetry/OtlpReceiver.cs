using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Orion.IntegrationTests.Telemetry;

/// <summary>A collector that stores what it receives over OTLP/HTTP (protobuf). In protobuf, texts are plain UTF-8.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, string? Header, string Text)> _received = new();

    public OtlpReceiver()
    {
        Address = $"http://127.0.0.1:{PostgresCluster.FreePort()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = Receive();
    }

    public string Address { get; }

    /// <summary>All bytes received for traces.</summary>
    public string Traces => Of("/v1/traces");

    /// <summary>All bytes received for metrics.</summary>
    public string Metrics => Of("/v1/metrics");

    /// <summary>The <c>X-Key</c> headers received.</summary>
    public IEnumerable<string?> Keys => _received.Select(one => one.Header);

    public void Dispose() => _listener.Close();

    private string Of(string path) => string.Concat(_received.Where(one => one.Path == path).Select(one => one.Text));

    private async Task Receive()
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                // One character for each byte.
                _received.Enqueue((context.Request.Url!.AbsolutePath, context.Request.Headers["X-Key"], Encoding.Latin1.GetString(body.ToArray())));
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
