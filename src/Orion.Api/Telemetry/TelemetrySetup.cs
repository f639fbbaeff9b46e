using Orion.Infrastructure.Configuration;

namespace Orion.Api.Telemetry;

/// <summary>Whether Orion is watched. Where nobody asked for it, nothing of OpenTelemetry is registered or even loaded.</summary>
internal static class TelemetrySetup
{
    internal static void AddOrionTelemetry(this WebApplicationBuilder builder, OrionSettings settings)
    {
        var traces = new OtlpSignal(builder.Configuration, "TRACES");
        var metrics = new OtlpSignal(builder.Configuration, "METRICS");
        var isOff = "true".Equals(builder.Configuration["OTEL_SDK_DISABLED"]?.Trim(), StringComparison.OrdinalIgnoreCase);
        if (isOff || (settings.Metrics is null && !traces.IsWanted && !metrics.IsWanted)) return;

        builder.Services.AddOrionOpenTelemetry(settings.Metrics is not null, metrics, traces);
    }
}
