using System.Collections.Frozen;
using System.Diagnostics;
using OpenTelemetry;

namespace Orion.Api.Telemetry;

/// <summary>
/// Removes from a span what must not be in the log: addresses, IDs, query strings, headers, tokens and exception messages. Spans that do not
/// belong to a request are not exported.
/// </summary>
internal sealed class SpanRedactionProcessor : BaseProcessor<Activity>
{
    private static readonly FrozenSet<string> AllowedTags = new[]
    {
        "http.request.method", "http.route", "http.response.status_code", "url.scheme", "network.protocol.version", "error.type",
        "db.system.name", "db.namespace", "db.query.text", "db.operation.name", "db.response.status_code", "db.npgsql.prepared",
    }.ToFrozenSet();

    // A span event cannot be changed after it was added.
    private readonly ActivityListener _exceptions = new()
    {
        ShouldListenTo = source => source.Name == "Npgsql",
        ExceptionRecorder = static (Activity _, Exception exception, ref TagList tags) =>
        {
            tags.Add("exception.type", exception.GetType().FullName);
            tags.Add("exception.message", "");
            tags.Add("exception.stacktrace", "");
        },
    };

    public SpanRedactionProcessor() => ActivitySource.AddActivityListener(_exceptions);

    public override void OnEnd(Activity data)
    {
        if (!IsOfRequest(data))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        foreach (var name in data.TagObjects.Select(tag => tag.Key).Where(name => !AllowedTags.Contains(name)).ToList()) data.SetTag(name, null);
        if (data.StatusDescription is not null) data.SetStatus(data.Status);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _exceptions.Dispose();
        base.Dispose(disposing);
    }

    private static bool IsOfRequest(Activity span)
    {
        while (span.Parent is { } parent) span = parent;
        return span.Kind == ActivityKind.Server;
    }
}
