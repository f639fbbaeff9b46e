using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>
/// Runs the replies of this process, each in a task that does not depend on the request that began it. During a shutdown, they have 10 s to
/// end by themselves.
/// </summary>
internal sealed partial class ReplyRunner(
    RunningReplies replies,
    IModelClient model,
    ReplyLimits limits,
    ICallerAccessWatch access,
    IDispatcher dispatcher,
    ReplyMetrics metrics,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<ReplyRunner> logger) : IReplyRunner, IHostedService, IDisposable
{
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _interruption = new(Timeout.InfiniteTimeSpan, clock);
    private CancellationTokenRegistration _stopping;

    public InstanceId Instance => replies.Instance;

    public CancellationToken Interruption => _interruption.Token;

    public void Start(BegunReply reply, Caller caller)
    {
        var running = new RunningReply(reply, caller) { ConfirmedAt = clock.GetTimestamp() };
        if (replies.TryAdd(running)) _ = Task.Run(() => Run(running), CancellationToken.None);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _stopping = lifetime.ApplicationStopping.Register(() => _interruption.CancelAfter(ShutdownTime));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(replies.All().Select(reply => reply.Completion)).WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose()
    {
        _stopping.Dispose();
        _interruption.Dispose();
    }

    private async Task Run(RunningReply reply)
    {
        try
        {
            var end = await Ask(reply);
            await Finish(reply, end);
        }
        catch (Exception exception)
        {
            LogDefect(reply.Key.Reply, exception.GetType().FullName, exception.StackTrace);
        }
        finally
        {
            reply.Feed.End();
            replies.Remove(reply);
            reply.Dispose();
        }
    }

    private async Task<ReplyEnd> Ask(RunningReply reply)
    {
        using var watched = access.Watch(reply.Caller);
        using var revocation = watched.Revoked.UnsafeRegister(_ => reply.Stop(ReplyEnd.Stopped), null);
        using var interruption = _interruption.Token.UnsafeRegister(_ => reply.Stop(ReplyEnd.Interrupted), null);
        using var deadline = new CancellationTokenSource(limits.MaxDuration, clock);
        using var lateness = deadline.Token.UnsafeRegister(_ => reply.Stop(ReplyEnd.Failed(ModelFailure.Timeout)), null);
        try
        {
            return await Stream(reply);
        }
        catch (Exception) when (reply.Cause is { } cause)
        {
            if (cause.Failure is { } failure) LogFailed(reply.Key.Reply, failure.ToName(), "It took longer than REPLY_MAX_SECONDS.");
            return cause;
        }
        catch (ModelException exception)
        {
            LogFailed(reply.Key.Reply, exception.Failure.ToName(), exception.Message);
            return ReplyEnd.Failed(exception.Failure);
        }
        catch (Exception exception)
        {
            // Without the message, which may contain text of the provider.
            LogDefect(reply.Key.Reply, exception.GetType().FullName, exception.StackTrace);
            return ReplyEnd.Failed(ModelFailure.Unavailable);
        }
    }

    private async Task<ReplyEnd> Stream(RunningReply reply)
    {
        var context = await ReadContext(reply);
        var transcript = new ReplyTranscript();
        transcript.Replay(context.Start);
        await foreach (var update in model.Stream(context.Start.Model, context.Messages, reply.Stopping))
        {
            switch (update)
            {
                case ModelUpdate.Delta delta:
                    Add(reply, transcript, transcript.Write(delta.Text, delta.IsReasoning));
                    if (transcript.IsFull) return ReplyEnd.Completed(isTruncated: true);
                    await reply.WaitForRoom();
                    break;
                case ModelUpdate.Finished finished:
                    Add(reply, transcript, transcript.Flush());
                    return ReplyEnd.Completed(finished.IsTruncated, finished.Usage);
            }
        }

        throw new ModelException(ModelFailure.Unavailable, "Its response ended early.");
    }

    private async Task<ReplyContext> ReadContext(RunningReply reply)
    {
        while (true)
        {
            try
            {
                var context = await dispatcher.Send(new ReadModelContext(reply.Owner, reply.Begun), reply.Stopping);
                if (context.Error is null) return context.Value;
                reply.Lose();
            }
            catch (DatabaseUnavailableException)
            {
                // The frame writer gives up if it takes too long.
                await clock.Delay(RetryPause, reply.Stopping);
            }

            reply.Stopping.ThrowIfCancellationRequested();
        }
    }

    private void Add(RunningReply reply, ReplyTranscript transcript, IReadOnlyList<ReplyFrame> frames)
    {
        if (frames.Count == 0) return;
        var number = transcript.LastNumber - frames.Count;
        reply.Add(frames.Select(frame => new StoredFrame(++number, ReplyFrameJson.Write(frame))));
        replies.SignalWork();
    }

    private async Task Finish(RunningReply reply, ReplyEnd end)
    {
        var start = clock.GetTimestamp();
        var rest = await reply.TakeRest();
        while (!reply.IsLost)
        {
            var isLate = reply.IsGivenUp || clock.GetElapsedTime(start) >= FrameWriter.GiveUpAfter;
            if (isLate) (rest, end) = ([], ReplyEnd.Interrupted);
            try
            {
                var command = new EndReply(reply.Owner, reply.Key.Session, reply.Key.Reply, rest, end, Instance);
                var ended = await dispatcher.Send(command, CancellationToken.None);
                if (ended.Error is null) metrics.Ended(ended.Value);
                return;
            }
            catch (DatabaseUnavailableException)
            {
                // Until it is available again. Meanwhile, another instance may end the reply.
            }

            await clock.Delay(RetryPause, CancellationToken.None);
        }
    }

    [LoggerMessage(5003, LogLevel.Warning, "Reply {ReplyId} failed ({Failure}). {Reason}")]
    private partial void LogFailed(ReplyId replyId, string failure, string reason);

    [LoggerMessage(5004, LogLevel.Error, "Reply {ReplyId} failed because of a defect: {Exception}\n{StackTrace}")]
    private partial void LogDefect(ReplyId replyId, string? exception, string? stackTrace);
}
