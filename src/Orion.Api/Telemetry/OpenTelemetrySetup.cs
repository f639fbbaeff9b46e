using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orion.Api.Health;
using Orion.Application.Telemetry;

namespace Orion.Api.Telemetry;

/// <summary>What is measured and traced, and where it goes.</summary>
internal static class OpenTelemetrySetup
{
    private const string Hosting = "Microsoft.AspNetCore.Hosting";
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Npgsql = "Npgsql";

    // Of the meters that are not Orion's own, the labels that are kept: bounded ones.
    private static readonly MetricStreamConfiguration Requests = Keeping("http.request.method", "http.response.status_code", "http.route");
    private static readonly MetricStreamConfiguration Pools = Keeping("db.client.connection.pool.name", "db.client.connection.state");
    private static readonly MetricStreamConfiguration Connections = Keeping();

    /// <param name="services">Where it is registered.</param>
    /// <param name="isScraped">Whether metrics are served for Prometheus.</param>
    /// <param name="metrics">How metrics are exported.</param>
    /// <param name="traces">How traces are exported.</param>
    internal static void AddOrionOpenTelemetry(this IServiceCollection services, bool isScraped, OtlpSignal metrics, OtlpSignal traces)
    {
        // The variables come last, so that they win.
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .Clear()
            .AddTelemetrySdk()
            .AddService("orion", serviceVersion: ServiceIdentity.Version, autoGenerateServiceInstanceId: metrics.IsWanted || traces.IsWanted)
            .AddEnvironmentVariableDetector());

        if (metrics.IsWanted || traces.IsWanted) services.AddHostedService<CollectorWatch>();
        if (isScraped || metrics.IsWanted)
        {
            services.AddHostedService<MetricsStart>();
            telemetry.WithMetrics(builder =>
            {
                builder.AddMeter(OrionTelemetry.Name, Hosting, Kestrel, Npgsql, "System.Runtime").AddView(Labels);
                if (isScraped) builder.AddPrometheusExporter(options => options.ScopeInfoEnabled = false);
                if (metrics.IsWanted) builder.AddOtlpExporter(metrics.Apply);
            });
        }

        if (isScraped) services.AddHostedService<MetricsServer>();
        if (!traces.IsWanted) return;

        // Whoever calls can send a trace's id, state and baggage: none of it is taken over.
        services.AddSingleton<DistributedContextPropagator, NoTracePropagation>();
        Sdk.SetDefaultTextMapPropagator(new CompositeTextMapPropagator([]));
        telemetry.WithTracing(builder => builder
            .AddAspNetCoreInstrumentation(options => options.Filter = http => !http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
            .AddSource(OrionTelemetry.Name, Npgsql)
            .AddProcessor<SpanRedactionProcessor>()
            .AddOtlpExporter(traces.Apply));
    }

    private static MetricStreamConfiguration? Labels(Instrument instrument) => (instrument.Meter.Name, instrument.Name) switch
    {
        (Hosting, "http.server.request.duration") => Requests,
        (Hosting, _) => Connections,
        (Kestrel, "kestrel.active_connections" or "kestrel.queued_connections" or "kestrel.rejected_connections") => Connections,
        (Kestrel, _) => MetricStreamConfiguration.Drop,
        (Npgsql, _) => Pools,
        _ => null,
    };

    private static MetricStreamConfiguration Keeping(params string[] labels) => new() { TagKeys = labels };
}
