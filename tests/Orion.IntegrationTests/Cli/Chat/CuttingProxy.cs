using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Cli.Chat;

/// <summary>A proxy that closes the first connection on which a text arrives.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Uri _behind;
    private readonly Action _streamOpened;
    private readonly string _cutAt;
    private int _hasCut;

    private CuttingProxy(Uri behind, Action streamOpened, string cutAt)
    {
        _cutAt = cutAt;
        _behind = behind;
        _streamOpened = streamOpened;
    }

    /// <summary>Its address.</summary>
    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Starts one.</summary>
    /// <param name="behind">The server behind it.</param>
    /// <param name="streamOpened">Called for each stream.</param>
    /// <param name="cutAt">The text; by default, the first delta of a reply.</param>
    public static Task<CuttingProxy> Start(Uri behind, Action streamOpened, string cutAt = "text-delta")
    {
        var proxy = new CuttingProxy(behind, streamOpened, cutAt);
        proxy._listener.Start();
        _ = proxy.Accept();
        return Task.FromResult(proxy);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_ending.Token);
            _ = Forward(client);
        }
    }

    private async Task Forward(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            await server.ConnectAsync(_behind.Host, _behind.Port, _ending.Token);
            var requests = client.GetStream().CopyToAsync(server.GetStream(), _ending.Token);
            var buffer = new byte[64 * 1024];
            while (await server.GetStream().ReadAsync(buffer, _ending.Token) is > 0 and var count)
            {
                var text = Encoding.UTF8.GetString(buffer, 0, count);
                if (text.Contains("text/event-stream", StringComparison.Ordinal)) _streamOpened();
                if (text.Contains(_cutAt, StringComparison.Ordinal) && Interlocked.Exchange(ref _hasCut, 1) == 0) return;
                await client.GetStream().WriteAsync(buffer.AsMemory(0, count), _ending.Token);
            }

            await requests;
        }
    }
}
