using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;

namespace Orion.Infrastructure.Replies;

/// <summary>
/// The only writer of frames in this process. One transaction stores what is waiting of all replies, so that the cost does not grow with
/// their number. It also renews their leases, and finds out which of them ended elsewhere.
/// </summary>
internal sealed partial class FrameWriter(
    RunningReplies replies, IFrameStore store, ReplyMetrics metrics, IDatabaseHealth database, TimeProvider clock, ILogger<FrameWriter> logger)
    : BackgroundService
{
    /// <summary>After this time without success, the replies of this process end as interrupted. Their leases end later.</summary>
    internal static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(20);

    private const int MaxBatchLength = 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LeaseInterval = TimeSpan.FromSeconds(5);

    // Also how long a stop of another instance may go unnoticed while the model is silent.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(1);

    private long _startedAt;
    private long _usedAt;
    private long _renewedAt = clock.GetTimestamp();
    private long? _failedSince;
    private int _first;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _usedAt = clock.GetTimestamp();
        await using var ticks = clock.CreateTimer(static replies => ((RunningReplies)replies!).SignalWork(), replies, Tick, Tick);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await replies.WaitForWork(stoppingToken);
                await clock.Delay(Interval - clock.GetElapsedTime(_startedAt), stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            _startedAt = clock.GetTimestamp();
            await RunRound(stoppingToken);
        }

        await store.Close();
    }

    private async Task RunRound(CancellationToken stoppingToken)
    {
        try
        {
            if (!await Write()) await CloseIfIdle();
            else if (_failedSince is not null) LogRecovered();
            _failedSince = null;
        }
        catch (Exception exception)
        {
            await Fail(exception, stoppingToken);
        }
    }

    // Returns whether there was a reply to write.
    private async Task<bool> Write()
    {
        var active = replies.All().Where(reply => reply is { IsLost: false, IsGivenUp: false }).ToList();
        if (active.Count == 0) return false;
        var chunks = Take(active);
        if (chunks.Count > 0) await Store(chunks);

        if (clock.GetElapsedTime(_renewedAt) >= LeaseInterval)
        {
            await store.RenewLeases(replies.Instance, [.. active.Select(reply => reply.Key)], CancellationToken.None);
            _renewedAt = clock.GetTimestamp();
        }

        var unconfirmed = active.Where(reply => clock.GetElapsedTime(reply.ConfirmedAt) >= Tick).ToList();
        if (unconfirmed.Count > 0) await Confirm(unconfirmed);
        _usedAt = clock.GetTimestamp();
        return true;
    }

    // Begins with another reply each time, so that all of them are written even if a batch cannot take them all.
    private List<(RunningReply Reply, FrameChunk Chunk)> Take(List<RunningReply> active)
    {
        var chunks = new List<(RunningReply, FrameChunk)>(active.Count);
        var length = 0;
        _first = (_first + 1) % active.Count;
        for (var i = 0; i < active.Count; i++)
        {
            var reply = active[(_first + i) % active.Count];
            if (reply.Take() is not { } chunk) continue;
            chunks.Add((reply, chunk));
            length += chunk.Text.Length;
            if (length < MaxBatchLength) continue;
            replies.SignalWork();
            break;
        }

        return chunks;
    }

    private async Task Store(List<(RunningReply Reply, FrameChunk Chunk)> chunks)
    {
        var start = clock.GetTimestamp();
        var results = await store.Write(replies.Instance, [.. chunks.Select(chunk => chunk.Chunk)], CancellationToken.None);
        var now = clock.GetTimestamp();
        var frames = 0;
        for (var i = 0; i < chunks.Count; i++)
        {
            var (reply, chunk) = chunks[i];
            switch (results[i])
            {
                case ChunkResult.Stored:
                    reply.ConfirmedAt = now;
                    reply.Stored(chunk);
                    frames += chunk.Frames.Count;
                    break;
                case ChunkResult.Busy:
                    replies.SignalWork();
                    break;
                default:
                    reply.Lose();
                    break;
            }
        }

        metrics.Written(frames, clock.GetElapsedTime(start, now));
    }

    private async Task Confirm(List<RunningReply> unconfirmed)
    {
        var streaming = await store.FindStreaming(replies.Instance, [.. unconfirmed.Select(reply => reply.Key)], CancellationToken.None);
        var now = clock.GetTimestamp();
        foreach (var reply in unconfirmed)
        {
            if (streaming.Contains(reply.Key)) reply.ConfirmedAt = now;
            else reply.Lose();
        }
    }

    private async Task CloseIfIdle()
    {
        if (clock.GetElapsedTime(_usedAt) < IdleTime) return;
        _usedAt = clock.GetTimestamp();
        await store.Close();
    }

    private async Task Fail(Exception exception, CancellationToken stoppingToken)
    {
        if (_failedSince is null) LogFailed(database.Explain(exception));
        _failedSince ??= _startedAt;
        await store.Close();
        if (clock.GetElapsedTime(_failedSince.Value) >= GiveUpAfter)
        {
            foreach (var reply in replies.All()) reply.GiveUp();
        }

        await clock.Delay(RetryPause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        replies.SignalWork();
    }

    [LoggerMessage(5001, LogLevel.Warning, "The frames of replies cannot be stored. {Reason} Orion retries; after 20 s it interrupts the replies.")]
    private partial void LogFailed(string reason);

    [LoggerMessage(5002, LogLevel.Information, "The frames of replies can be stored again.")]
    private partial void LogRecovered();
}
