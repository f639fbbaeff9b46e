using System.Diagnostics.Metrics;
using Orion.Application.Retention;
using Orion.Application.Telemetry;

namespace Orion.Infrastructure.Persistence;

/// <summary>Counts the sessions that this instance has deleted by itself.</summary>
internal sealed class RetentionMetrics : IMetricsSource
{
    private readonly Counter<long> _deleted;

    public RetentionMetrics(IMeterFactory meters)
    {
        // The factory owns the meter and disposes it with the host.
        var meter = meters.Create(OrionTelemetry.Name);
        _deleted = meter.CreateCounter<long>(
            "orion.retention.deleted", "{session}", "Sessions deleted because they had expired or had not changed for too long, by reason.");
    }

    public void Begin(Meter meter) => Deleted(DueSessions.None);

    internal void Deleted(DueSessions sessions)
    {
        Count("expired", sessions.Expired);
        Count("unchanged", sessions.Unchanged);
    }

    private void Count(string reason, long sessions) => _deleted.Add(sessions, new KeyValuePair<string, object?>("reason", reason));
}
