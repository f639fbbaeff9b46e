using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Telemetry;

/// <summary>
/// Serves <c>/metrics</c> to Prometheus on a separate server, which has no routes of the API. Its requests are neither counted nor traced.
/// Neither server can be reached through the other.
/// </summary>
internal sealed partial class MetricsServer : IHostedService, IHttpApplication<HttpContext>, IDisposable
{
    private readonly IPEndPoint _endpoint;
    private readonly RequestDelegate _pipeline;
    private readonly KestrelServer _server;
    private readonly ILogger<MetricsServer> _logger;

    public MetricsServer(OrionSettings settings, MeterProvider meters, IServiceProvider services, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger<MetricsServer>();
        _endpoint = settings.Metrics ?? throw new InvalidOperationException("No address for metrics is set.");
        // Other paths get the 404 of ASP.NET Core.
        _pipeline = new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(meters, IsScrape, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();

        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 20;
        options.Limits.MaxRequestBodySize = 0;
        options.Listen(_endpoint);
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        _server = new KestrelServer(Options.Create(options), sockets, loggers);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(this, cancellationToken);
        LogListening(_endpoint);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public void Dispose() => _server.Dispose();

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) => _pipeline(context);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // There is nothing to dispose.
    }

    private static bool IsScrape(HttpContext context) =>
        context.Request.Path == "/metrics" && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));

    [LoggerMessage(4101, LogLevel.Information, "Metrics are served on http://{Endpoint}/metrics.", EventName = "LogServed")]
    private partial void LogListening(IPEndPoint endpoint);
}
