using System.Collections.Frozen;
using System.Diagnostics;
using OpenTelemetry;
using Orion.Application.Telemetry;

namespace Orion.Api.Telemetry;

/// <summary>
/// Removes from a span what must not be in the log: addresses, IDs, query strings, headers, tokens and exception messages. Spans that belong
/// neither to a request nor to a model are not exported.
/// </summary>
internal sealed class SpanRedactionProcessor : BaseProcessor<Activity>
{
    private static readonly FrozenSet<string> AllowedTags = new[]
    {
        "http.request.method", "http.route", "http.response.status_code", "url.scheme", "network.protocol.version", "error.type",
        "db.system.name", "db.namespace", "db.query.text", "db.operation.name", "db.response.status_code", "db.npgsql.prepared",
        "gen_ai.operation.name", "gen_ai.request.model", "gen_ai.response.finish_reasons", "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
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
        if (!IsExported(data))
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

    private static bool IsExported(Activity span)
    {
        while (span.Parent is { } parent) span = parent;
        // A request to a model may run longer than the request that began it, and outside of it.
        return span.Kind == ActivityKind.Server || (span.Kind == ActivityKind.Client && span.Source.Name == OrionTelemetry.Name);
    }
}
