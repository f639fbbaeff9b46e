using Microsoft.Extensions.Hosting;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>A reader of a stream: its position, and where it reads next. Used by one caller at a time.</summary>
internal sealed class ReplyReader(
    RunningReplies replies,
    ReplyFollower follower,
    IDispatcher dispatcher,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ReplyKey key,
    Caller caller,
    int after) : IDisposable
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(20);

    private int _position = after;
    private bool _isComplete;
    private ReplyFollower.Following? _following;

    /// <summary>The next frames; none after 15 s without any; null after the last one.</summary>
    internal async Task<IReadOnlyList<StoredFrame>?> Next(CancellationToken cancellationToken)
    {
        while (!_isComplete)
        {
            var read = ReadFeed();
            if (read.Frames is { } frames) return Advance(frames);
            if (read.Change is { } change)
            {
                if (!await Wait(change, cancellationToken)) return [];
                continue;
            }

            // The feed no longer has the next frame, or the reply has no feed here.
            var page = await ReadPage(cancellationToken);
            _isComplete = page.IsEnd;
            if (page.Frames.Count > 0) return Advance(page.Frames);
            if (!page.IsEnd) await Follow(cancellationToken);
        }

        return null;
    }

    public void Dispose() => _following?.Dispose();

    private IReadOnlyList<StoredFrame> Advance(IReadOnlyList<StoredFrame> frames)
    {
        _position = frames[^1].Number;
        return frames;
    }

    private FeedRead ReadFeed()
    {
        if (replies.Find(key) is { Feed.IsEnded: false } running) return running.Feed.ReadAfter(_position);
        return _following is null ? FeedRead.Behind : _following.Feed.ReadAfter(_position);
    }

    private async Task<bool> Wait(Task change, CancellationToken cancellationToken)
    {
        // The stream of another instance's reply can be resumed at another instance.
        using var stop = _following is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await change.WaitAsync(PingInterval, clock, stop?.Token ?? cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task Follow(CancellationToken cancellationToken)
    {
        // Its feed has ended and the database does not show the end yet.
        if (_following is not null) await clock.Delay(RetryPause, cancellationToken);
        _following?.Dispose();
        _following = follower.Follow(key, _position);
    }

    private async Task<ReplyFramesPage> ReadPage(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                var page = await dispatcher.Send(new ReadReplyFrames(caller, key.Session, key.Reply, _position), cancellationToken);
                return page.Error is null ? page.Value : throw new ReplyStreamEndedException();
            }
            catch (DatabaseUnavailableException) when (clock.GetElapsedTime(start) < LongestOutage)
            {
                await clock.Delay(RetryPause, cancellationToken);
            }
            catch (DatabaseUnavailableException)
            {
                throw new ReplyStreamEndedException();
            }
        }
    }
}
