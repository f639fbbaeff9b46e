using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Orion.Domain.Text;

namespace Orion.Mcp;

/// <summary>Orion's own texts for the errors of the library, whose texts repeat what the client sent.</summary>
public static class ProtocolErrors
{
    private const int MaxVersionLength = 64;

    /// <summary>The error for a request whose params are not of the type that its method has.</summary>
    public static JsonRpcErrorDetail InvalidParams => new()
    {
        Code = (int)McpErrorCode.InvalidParams,
        Message = "The params of the request are not those of its method.",
    };

    /// <summary>Whether the library could not read the params of a request.</summary>
    public static bool IsInvalidParams(Exception exception) =>
        exception is JsonException
        // JsonNode throws this for a value of another type, and for a text with an unpaired surrogate.
        || (exception is InvalidOperationException { Source: { } source } && source.StartsWith("System.Text.Json", StringComparison.Ordinal));

    /// <summary>Replaces the text of the library.</summary>
    public static void ReplaceText(JsonRpcErrorDetail error)
    {
        switch ((McpErrorCode)error.Code)
        {
            case McpErrorCode.MethodNotFound:
                error.Message = "This method is not available.";
                break;
            case McpErrorCode.HeaderMismatch:
                error.Message = "A header of the protocol is missing, or does not match the message.";
                break;
            case McpErrorCode.UnsupportedProtocolVersion:
                error.Message = "This version of the protocol is not supported.";
                var data = error.Data as JsonObject ?? JsonObject.Create((JsonElement)error.Data!)!;
                var requested = UntrustedText.Escape(data["requested"]!.GetValue<string>());
                data["requested"] = requested[..Math.Min(requested.Length, MaxVersionLength)];
                error.Data = data;
                break;
        }
    }
}
