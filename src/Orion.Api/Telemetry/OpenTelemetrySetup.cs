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

/// <summary>Configures the metrics, traces and exporters of OpenTelemetry.</summary>
internal static class OpenTelemetrySetup
{
    private const string Hosting = "Microsoft.AspNetCore.Hosting";
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Npgsql = "Npgsql";

    // The labels of the framework's meters that are exported: only those with a bounded number of values.
    private static readonly MetricStreamConfiguration Requests = WithLabels("http.request.method", "http.response.status_code", "http.route");
    private static readonly MetricStreamConfiguration Pools = WithLabels("db.client.connection.pool.name", "db.client.connection.state");
    private static readonly MetricStreamConfiguration Connections = WithLabels();

    // Without the names that the provider sends.
    private static readonly MetricStreamConfiguration Model = WithLabels("gen_ai.request.model", "gen_ai.token.type", "error.type");

    /// <param name="services">The services.</param>
    /// <param name="isScraped">Whether Prometheus scrapes metrics.</param>
    /// <param name="metrics">The OTLP export of metrics.</param>
    /// <param name="traces">The OTLP export of traces.</param>
    internal static void AddOrionOpenTelemetry(this IServiceCollection services, bool isScraped, OtlpSignal metrics, OtlpSignal traces)
    {
        // The environment variables come last, so they take precedence.
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .Clear()
            .AddTelemetrySdk()
            .AddService("orion", serviceVersion: ServiceIdentity.Version, autoGenerateServiceInstanceId: metrics.IsEnabled || traces.IsEnabled)
            .AddEnvironmentVariableDetector());

        if (metrics.IsEnabled || traces.IsEnabled) services.AddHostedService<ExportFailureListener>();
        if (isScraped || metrics.IsEnabled)
        {
            services.AddHostedService<MetricsStart>();
            telemetry.WithMetrics(builder =>
            {
                builder.AddMeter(OrionTelemetry.Name, Hosting, Kestrel, Npgsql, "System.Runtime").AddView(SelectLabels);
                if (isScraped) builder.AddPrometheusExporter(options => options.ScopeInfoEnabled = false);
                if (metrics.IsEnabled) builder.AddOtlpExporter(metrics.Apply);
            });
        }

        if (isScraped) services.AddHostedService<MetricsServer>();
        if (!traces.IsEnabled) return;

        // A client can send any trace ID, state and baggage. All of it is ignored.
        services.AddSingleton<DistributedContextPropagator, NoTracePropagation>();
        Sdk.SetDefaultTextMapPropagator(new CompositeTextMapPropagator([]));
        telemetry.WithTracing(builder => builder
            .AddAspNetCoreInstrumentation(options => options.Filter = http => !http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
            .AddSource(OrionTelemetry.Name, Npgsql)
            .AddProcessor<SpanRedactionProcessor>()
            .AddOtlpExporter(traces.Apply));
    }

    private static MetricStreamConfiguration? SelectLabels(Instrument instrument) => (instrument.Meter.Name, instrument.Name) switch
    {
        (Hosting, "http.server.request.duration") => Requests,
        (Hosting, _) => Connections,
        (Kestrel, "kestrel.active_connections" or "kestrel.queued_connections" or "kestrel.rejected_connections") => Connections,
        (Kestrel, _) => MetricStreamConfiguration.Drop,
        (Npgsql, _) => Pools,
        (OrionTelemetry.Name, var name) when name.StartsWith("gen_ai.", StringComparison.Ordinal) => Model,
        _ => null,
    };

    private static MetricStreamConfiguration WithLabels(params string[] labels) => new() { TagKeys = labels };
}
