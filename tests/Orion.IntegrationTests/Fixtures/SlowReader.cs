using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A client that sends a request and does not read the response, with small socket buffers.</summary>
internal sealed class SlowReader : IDisposable
{
    private SlowReader(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    /// <summary>
    /// For <see cref="OrionServer.Launch"/>: gives the server's sockets small buffers too. By default, the system buffers megabytes.
    /// </summary>
    public static void UseSmallSendBuffer(WebApplicationBuilder builder) => builder.Services.Configure<SocketTransportOptions>(options =>
        options.CreateBoundListenSocket = endpoint =>
        {
            var listener = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            listener.SendBufferSize = 16 * 1024;
            return listener;
        });

    /// <summary>Sends a request and does not read the response.</summary>
    public static async Task<SlowReader> Open(int port, string path, string? token = null, string accept = "*/*")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token ?? TestToken.For(OrionServer.Owner).ToString()}\r\n"
            + $"Accept: {accept}\r\nConnection: close\r\n\r\n"));
        return new SlowReader(socket);
    }

    /// <summary>The beginning of the response.</summary>
    public async Task<string> Head(CancellationToken cancellationToken)
    {
        var head = new byte[2000];
        var length = await Socket.ReceiveAsync(head, cancellationToken);
        return Encoding.Latin1.GetString(head, 0, length);
    }

    /// <summary>Reads the rest of the response, and returns its length.</summary>
    public async Task<int> Drain()
    {
        var all = 0;
        var buffer = new byte[64 * 1024];
        try
        {
            while (await Socket.ReceiveAsync(buffer) is var count and > 0) all += count;
        }
        catch (SocketException)
        {
            // The connection was aborted.
        }

        return all;
    }

    public void Dispose() => Socket.Dispose();
}
