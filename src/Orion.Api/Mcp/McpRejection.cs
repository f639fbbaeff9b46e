using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Application.Messaging;
using Orion.Mcp;

namespace Orion.Api.Mcp;

/// <summary>
/// Holds back what the library writes before it begins a stream: a rejection, whose text may repeat what the client sent. It becomes a
/// problem or, if the protocol defines its code, a JSON-RPC error with a text of Orion's own.
/// </summary>
internal sealed class McpRejection : StreamResponseBodyFeature
{
    // JSON-RPC leaves this code to the implementation. The library uses it for headers.
    private const int ServerError = -32000;

    private static readonly Problem NoMessage = Problems.MalformedJson with { Detail = "The body must be a message of JSON-RPC 2.0." };

    private static readonly Problem SessionId = Problems.From(RequestErrors.Invalid(
        new Dictionary<string, string[]> { ["Mcp-Session-Id"] = ["Orion has no sessions of the protocol."] }));

    private readonly HttpContext _http;
    private readonly IHttpResponseBodyFeature _response;
    private readonly MemoryStream _written;

    private McpRejection(HttpContext http, MemoryStream written)
        : base(written)
    {
        (_http, _written) = (http, written);
        _response = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Features.Set<IHttpResponseBodyFeature>(this);
    }

    /// <summary>Runs the library.</summary>
    /// <param name="http">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="next">The library's endpoint.</param>
    internal static async Task Run(HttpContext http, byte[] body, RequestDelegate next)
    {
        var rejection = new McpRejection(http, new MemoryStream());
        JsonRpcError? error;
        try
        {
            await next(http);
            error = rejection._written.Length == 0 ? null : JsonSerializer.Deserialize(rejection._written.ToArray(), TypeOf<JsonRpcError>());
        }
        catch (Exception exception) when (ProtocolErrors.IsInvalidParams(exception) && !http.Response.HasStarted)
        {
            http.Response.Clear();
            var request = JsonSerializer.Deserialize(body, TypeOf<JsonRpcMessage>()) as JsonRpcRequest;
            if (request is null) http.Response.StatusCode = StatusCodes.Status400BadRequest;
            error = new JsonRpcError { Id = request?.Id ?? default, Error = ProtocolErrors.InvalidParams };
        }
        finally
        {
            http.Features.Set(rejection._response);
        }

        if (error is not null) await ToResult(error, http.Response.StatusCode).ExecuteAsync(http);
    }

    /// <summary>The library calls this when it begins a stream.</summary>
    public override void DisableBuffering()
    {
        _http.Features.Set(_response);
        _http.Response.Headers.CacheControl = "no-store";
        _response.DisableBuffering();
    }

    private static IResult ToResult(JsonRpcError error, int status)
    {
        switch (error.Error.Code)
        {
            case (int)McpErrorCode.InvalidRequest:
                return new ProblemResult(NoMessage);
            case ServerError:
                return new ProblemResult(status == StatusCodes.Status406NotAcceptable ? Problems.NotAcceptable : SessionId);
            default:
                ProtocolErrors.ReplaceText(error.Error);
                return Results.Json(error, TypeOf<JsonRpcError>(), "application/json", status);
        }
    }

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)McpJsonUtilities.ProtocolOptions.GetTypeInfo(typeof(T));
}
