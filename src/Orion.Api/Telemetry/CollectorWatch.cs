using System.Collections.Frozen;
using System.Diagnostics.Tracing;

namespace Orion.Api.Telemetry;

/// <summary>
/// Says in the log that the collector does not take what is exported: OpenTelemetry's SDK tells it to an event source alone, where
/// nobody looks. The first failure is a line, and then at most one an hour.
/// </summary>
internal sealed partial class CollectorWatch(TimeProvider clock, ILogger<CollectorWatch> logger) : EventListener, IHostedService
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private const int LongestReason = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly FrozenSet<string> Failures = new[]
    {
        "FailedToReachCollector", "ExportMethodException", "TrySubmitRequestException", "TransientHttpError", "HttpRequestFailed",
        "OperationUnexpectedlyCanceled", "RequestTimedOut", "GrpcStatusWarning", "ExportFailure",
    }.ToFrozenSet();

    private readonly Lock _lock = new();
    private long? _said;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter) EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName is not { } name || !Failures.Contains(name)) return;
        lock (_lock)
        {
            if (_said is { } last && clock.GetElapsedTime(last) < Interval) return;
            _said = clock.GetTimestamp();
        }

        LogNotTaken(name, Reason(eventData));
    }

    // The last value is an exception with its stack trace: the message in its first line.
    private static string Reason(EventWrittenEventArgs failure)
    {
        var text = failure.Payload?.LastOrDefault()?.ToString()?.Split('\n')[0].Trim() ?? "";
        if (text.Split(": ", 2) is [var type, var message] && type.EndsWith("Exception", StringComparison.Ordinal)) text = message;
        return text.Length > LongestReason ? text[..LongestReason] : text;
    }

    [LoggerMessage(4102, LogLevel.Warning,
        "The collector that OTEL_EXPORTER_OTLP_ENDPOINT names does not take what is exported ({Kind}: {Reason}). Requests are served all the same; the next line about it comes in an hour at the earliest.")]
    private partial void LogNotTaken(string kind, string reason);
}
