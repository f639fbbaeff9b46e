using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A client that asks for something and does not read the answer, with little room for it on the way.</summary>
internal sealed class SlowReader : IDisposable
{
    private SlowReader(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    /// <summary>For <see cref="OrionServer.Launch"/>: the server's side has little room, too. The system would take megabytes else.</summary>
    public static void LittleRoom(WebApplicationBuilder builder) => builder.Services.Configure<SocketTransportOptions>(options =>
        options.CreateBoundListenSocket = endpoint =>
        {
            var listener = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            listener.SendBufferSize = 16 * 1024;
            return listener;
        });

    /// <summary>Asks, and reads nothing.</summary>
    public static async Task<SlowReader> Open(int port, string path, string? token = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token ?? TestToken.For(OrionServer.Owner).ToString()}\r\nConnection: close\r\n\r\n"));
        return new SlowReader(socket);
    }

    /// <summary>The beginning of the answer.</summary>
    public async Task<string> Head(CancellationToken cancellationToken)
    {
        var head = new byte[2000];
        var length = await Socket.ReceiveAsync(head, cancellationToken);
        return Encoding.Latin1.GetString(head, 0, length);
    }

    /// <summary>Reads what still comes, and counts it.</summary>
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
            // Cut off.
        }

        return all;
    }

    public void Dispose() => Socket.Dispose();
}
