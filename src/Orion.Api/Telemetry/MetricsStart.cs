using System.Diagnostics.Metrics;
using Orion.Application.Telemetry;

namespace Orion.Api.Telemetry;

/// <summary>Starts all metrics sources. Runs after OpenTelemetry has started, so that it records their first values.</summary>
internal sealed class MetricsStart(IMeterFactory meters, IEnumerable<IMetricsSource> sources) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The factory owns the meter, and returns the same one for each call with this name.
        var meter = meters.Create(OrionTelemetry.Name);
        foreach (var source in sources) source.Begin(meter);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
