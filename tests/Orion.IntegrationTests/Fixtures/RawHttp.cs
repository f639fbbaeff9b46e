using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Sends bytes unchanged and reads the response, for requests that no client library would send.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Sends the lines of a request without a body. Adds <c>Host</c>, <c>Connection: close</c> and the blank line.</summary>
    public static Task<ApiResponse> Send(int port, params string[] lines) =>
        SendText(port, string.Concat([.. lines.Select(line => line + "\r\n"), "Host: localhost\r\n", "Connection: close\r\n\r\n"]));

    /// <summary>Sends a text as Latin-1.</summary>
    public static Task<ApiResponse> SendText(int port, string text) => SendBytes(port, Encoding.Latin1.GetBytes(text));

    /// <summary>Sends bytes and reads to the end of the connection.</summary>
    public static async Task<ApiResponse> SendBytes(int port, byte[] bytes)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        using var socket = await Connect(port);
        try
        {
            await socket.SendAsync(bytes, timeout.Token);
        }
        catch (SocketException)
        {
            // The server may close the connection before it has read a rejected body. The response can be read nevertheless.
        }

        return await Read(socket, Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 400)).Split("\r\n")[0], timeout.Token);
    }

    public static async Task<Socket> Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Reads until the server closes.</summary>
    public static async Task<ApiResponse> Read(Socket socket, string requestLine, CancellationToken cancellationToken)
    {
        using var received = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) is var count and > 0) received.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // The server has reset the connection after the response.
        }

        return Parse(received.ToArray(), requestLine);
    }

    private static ApiResponse Parse(byte[] all, string requestLine)
    {
        var end = all.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0) throw new InvalidOperationException($"No response to {requestLine}, but {all.Length} bytes.");
        var lines = Encoding.Latin1.GetString(all, 0, end).Split("\r\n");
        var headers = lines[1..].Select(line => line.Split(':', 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1].Trim())).ToList();
        var body = all[(end + 4)..];
        var isChunked = headers.Any(header => header.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase));
        var request = requestLine.Split(' ');
        return new ApiResponse(
            int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), request[0], request.ElementAtOrDefault(1) ?? "", headers, isChunked ? Join(body) : body);
    }

    private static byte[] Join(byte[] chunked)
    {
        using var body = new MemoryStream();
        var rest = chunked.AsSpan();
        while (rest.IndexOf("\r\n"u8) is var end and > 0)
        {
            var size = int.Parse(Encoding.ASCII.GetString(rest[..end]), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) break;
            body.Write(rest.Slice(end + 2, size));
            rest = rest[(end + 2 + size + 2)..];
        }

        return body.ToArray();
    }
}
