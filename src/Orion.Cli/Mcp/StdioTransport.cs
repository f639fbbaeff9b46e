using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Orion.Cli.Mcp;

/// <summary>
/// Standard input and output. After the end of the input it still sends the responses to the requests that were received, which
/// <see cref="StdioServerTransport"/> drops.
/// </summary>
internal sealed class StdioTransport() : StreamServerTransport(Console.OpenStandardInput(), Stream.Null)
{
    // Not buffered. A message is one write, so messages do not mix.
    private readonly Stream _output = Stream.Synchronized(Console.OpenStandardOutput());

    public override async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, McpJsonUtilities.ProtocolOptions.GetTypeInfo(typeof(JsonRpcMessage)));
        await _output.WriteAsync((byte[])[.. json, (byte)'\n'], cancellationToken);
    }
}
