using System.Diagnostics.Metrics;

namespace Orion.Application.Telemetry;

/// <summary>
/// Something that can be measured. A label comes from a short fixed list: no address, e-mail or id is ever one, for a metrics store keeps
/// each combination for ever.
/// </summary>
public interface IMetricsSource
{
    /// <summary>
    /// Somebody watches from now on; called once, at start, and not at all where nobody does. What is counted is then shown as 0, because
    /// a counter that appears with its first event has not grown in the eyes of a store.
    /// </summary>
    void Begin(Meter meter);
}
