using System.Diagnostics.Metrics;

namespace Orion.Application.Telemetry;

/// <summary>
/// A source of metrics. The values of a label come from a short fixed list and never contain an address, an e-mail address or an ID,
/// because a metrics store keeps each combination forever.
/// </summary>
public interface IMetricsSource
{
    /// <summary>
    /// Starts the metrics. Called once at startup, and only if metrics are enabled. Counters then report 0, because a metrics store does not
    /// see an increase in a counter that appears with its first event.
    /// </summary>
    void Begin(Meter meter);
}
