using System.Diagnostics.Metrics;
using Orion.Application.Replies;
using Orion.Application.Telemetry;
using Orion.Domain.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>Counts replies, their frames and their readers.</summary>
internal sealed class ReplyMetrics : IMetricsSource, IReplyCounter
{
    private readonly RunningReplies _replies;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _frames;
    private readonly Histogram<double> _writes;
    private int _streams;

    public ReplyMetrics(RunningReplies replies, IMeterFactory meters)
    {
        _replies = replies;
        // The factory owns the meter and disposes it with the host.
        var meter = meters.Create(OrionTelemetry.Name);
        _ended = meter.CreateCounter<long>("orion.replies.ended", "{reply}", "Replies that this instance ended, by status and error.");
        _frames = meter.CreateCounter<long>("orion.replies.frames", "{frame}", "Frames of replies that were stored while their model was writing.");
        _writes = meter.CreateHistogram(
            "orion.replies.write.duration", "s", "Duration of the transactions that store frames.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });
    }

    public void Begin(Meter meter)
    {
        foreach (var status in (ReplyStatus[])[ReplyStatus.Completed, ReplyStatus.Stopped, ReplyStatus.Interrupted]) Count(status.ToName(), null, 0);
        foreach (var failure in Enum.GetValues<ModelFailure>()) Count(ReplyStatus.Failed.ToName(), failure.ToName(), 0);
        _frames.Add(0);
        meter.CreateObservableGauge("orion.replies.running", () => _replies.Count, "{reply}", "Replies that this instance streams.");
        meter.CreateObservableGauge("orion.replies.streams", () => Volatile.Read(ref _streams), "{stream}", "Open streams of replies.");
    }

    internal void Written(int frames, TimeSpan duration)
    {
        _frames.Add(frames);
        _writes.Record(duration.TotalSeconds);
    }

    public void Ended(ReplyStatus status, ModelFailure? failure = null) => Count(status.ToName(), failure?.ToName(), 1);

    internal void Ended(ReplyView reply) => Count(reply.Status, reply.Error, 1);

    internal void StreamOpened() => Interlocked.Increment(ref _streams);

    internal void StreamClosed() => Interlocked.Decrement(ref _streams);

    private void Count(string status, string? error, long replies) =>
        _ended.Add(replies, new KeyValuePair<string, object?>("status", status), new KeyValuePair<string, object?>("error", error ?? ""));
}
