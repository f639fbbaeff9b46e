using System.Diagnostics.Metrics;
using Orion.Application.Telemetry;

namespace Orion.Api.Telemetry;

/// <summary>Tells all that can be measured that somebody watches. Runs behind OpenTelemetry's own start, so that nothing is missed.</summary>
internal sealed class MetricsStart(IMeterFactory meters, IEnumerable<IMetricsSource> sources) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The factory owns the meter, and gives the same to all who ask for it by this name.
        var meter = meters.Create(OrionTelemetry.Name);
        foreach (var source in sources) source.Begin(meter);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
