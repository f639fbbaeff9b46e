using Microsoft.AspNetCore.Http.Metadata;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Http;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Infrastructure.Configuration;
using Orion.Mcp;

namespace Orion.Api.Mcp;

/// <summary>
/// <c>/mcp</c>: the Model Context Protocol over streamable HTTP, without sessions of the protocol, so that any instance serves any request.
/// It is not part of the OpenAPI document, because the protocol describes its tools itself.
/// </summary>
internal static partial class McpEndpoint
{
    internal const string Path = "/mcp";

    internal static IServiceCollection AddOrionMcp(this IServiceCollection services, OrionSettings settings)
    {
        // If it is off, the packages are not loaded.
        if (settings.Mcp) AddServer(services);
        return services;
    }

    internal static void MapMcp(this WebApplication app, OrionSettings settings)
    {
        if (settings.Mcp) Map(app);
    }

    private static void AddServer(IServiceCollection services) => services.AddMcpServer().WithHttpTransport(options =>
    {
        options.Stateless = true;
        options.ConfigureSessionOptions = (http, server, _) =>
        {
            var caller = Task.FromResult<Result<Caller>>(http.Caller());
            var logger = http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(McpEndpoint));
            OrionMcp.Configure(server, new McpConnection(
                http.RequestServices.GetRequiredService<IDispatcher>(),
                _ => caller,
                http.Memory(),
                exception => LogFault(logger, exception)));
            return Task.CompletedTask;
        };
    });

    private static void Map(WebApplication app)
    {
        var inFlight = app.Services.GetRequiredService<InFlightBytes>();
        app.MapMcp(Path).ExcludeFromDescription().Finally(endpoint =>
        {
            // With a list of media types, routing would replace the endpoint with its own, which responds with 415.
            foreach (var accepts in endpoint.Metadata.OfType<IAcceptsMetadata>().ToList()) endpoint.Metadata.Remove(accepts);
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => Handle(http, inFlight, next);
        });
    }

    // Reads the body as strictly as that of every other route, and with the same errors, before the library sees it.
    private static async Task Handle(HttpContext http, InFlightBytes inFlight, RequestDelegate next)
    {
        using var memory = inFlight.Begin(http.Caller());
        http.Features.Set(memory);
        var (body, problem) = http.Request.Headers.ContentEncoding.Count > 0
            ? (null, Problems.UnsupportedEncoding)
            : await RequestBodies.Read<McpRequest, byte[]>(http, (_, bytes) => bytes.ToArray());
        if (problem is not null)
        {
            await new ProblemResult(problem).ExecuteAsync(http);
            return;
        }

        http.Request.Body = new MemoryStream(body!, writable: false);
        await McpRejection.Run(http, body!, next);
    }

    [LoggerMessage(LogLevel.Error, "A tool or resource of the Model Context Protocol failed")]
    private static partial void LogFault(ILogger logger, Exception exception);

    /// <summary>A JSON-RPC message. The library reads its members.</summary>
    private sealed record McpRequest : IRequestBody
    {
        public static bool RejectsUnknownMembers => false;
    }
}
