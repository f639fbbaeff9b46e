using System.Collections.Frozen;
using System.Diagnostics.Tracing;

namespace Orion.Api.Telemetry;

/// <summary>
/// Logs that the collector does not accept exports. The OpenTelemetry SDK reports that only to an event source. The first failure is logged,
/// and then at most one in an hour.
/// </summary>
internal sealed partial class ExportFailureListener(TimeProvider clock, ILogger<ExportFailureListener> logger) : EventListener, IHostedService
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private const int MaxReasonLength = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly FrozenSet<string> Failures = new[]
    {
        "FailedToReachCollector", "ExportMethodException", "TrySubmitRequestException", "TransientHttpError", "HttpRequestFailed",
        "OperationUnexpectedlyCanceled", "RequestTimedOut", "GrpcStatusWarning", "ExportFailure",
    }.ToFrozenSet();

    private readonly Lock _lock = new();
    private long? _lastLogged;

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
            if (_lastLogged is { } last && clock.GetElapsedTime(last) < Interval) return;
            _lastLogged = clock.GetTimestamp();
        }

        LogExportFailure(name, Reason(eventData));
    }

    // The last value of the payload is an exception with its stack trace. The first line has its message.
    private static string Reason(EventWrittenEventArgs failure)
    {
        var text = failure.Payload?.LastOrDefault()?.ToString()?.Split('\n')[0].Trim() ?? "";
        if (text.Split(": ", 2) is [var type, var message] && type.EndsWith("Exception", StringComparison.Ordinal)) text = message;
        return text.Length > MaxReasonLength ? text[..MaxReasonLength] : text;
    }

    [LoggerMessage(4102, LogLevel.Warning,
        "The collector in OTEL_EXPORTER_OTLP_ENDPOINT does not accept exports ({Kind}: {Reason}). Requests are not affected. " +
        "This is logged at most once in an hour.",
        EventName = "LogNotTaken")]
    private partial void LogExportFailure(string kind, string reason);
}
