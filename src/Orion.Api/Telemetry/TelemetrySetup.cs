using Orion.Infrastructure.Configuration;

namespace Orion.Api.Telemetry;

/// <summary>Adds telemetry where it is configured. Otherwise no assembly of OpenTelemetry is loaded.</summary>
internal static class TelemetrySetup
{
    internal static void AddOrionTelemetry(this WebApplicationBuilder builder, OrionSettings settings)
    {
        var traces = new OtlpSignal(builder.Configuration, "TRACES");
        var metrics = new OtlpSignal(builder.Configuration, "METRICS");
        var isOff = "true".Equals(builder.Configuration["OTEL_SDK_DISABLED"]?.Trim(), StringComparison.OrdinalIgnoreCase);
        if (isOff || (settings.Metrics is null && !traces.IsEnabled && !metrics.IsEnabled)) return;

        builder.Services.AddOrionOpenTelemetry(settings.Metrics is not null, metrics, traces);
    }
}
