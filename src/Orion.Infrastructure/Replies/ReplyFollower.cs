using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>
/// Follows the replies of other instances that have readers in this process. It reads what is new of all of them at once, when another
/// instance notifies it, and otherwise every 500 ms: a notification may get lost, and behind a pooler there are none.
/// </summary>
internal sealed partial class ReplyFollower(IFrameSource source, IDatabaseHealth database, TimeProvider clock, ILogger<ReplyFollower> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<ReplyKey, Followed> _followed = [];
    private readonly Channel<bool> _begin = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Follows a reply until the result is disposed.</summary>
    /// <param name="key">The reply.</param>
    /// <param name="last">The number of the last frame that the reader has, which is the last one of its row.</param>
    internal Following Follow(ReplyKey key, int last)
    {
        lock (_gate)
        {
            if (!_followed.TryGetValue(key, out var followed) || followed.Feed.IsEnded)
                _followed[key] = followed = new Followed(new ReplyFeed(last));
            followed.Readers++;
            _begin.Writer.TryWrite(true);
            return new Following(followed.Feed, () => Unfollow(key, followed));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isFailing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var followed = All();
                if (followed.Count == 0)
                {
                    await source.Close();
                    await _begin.Reader.ReadAsync(stoppingToken);
                    continue;
                }

                await ReadNew(followed, stoppingToken);
                isFailing = false;
                await clock.Delay(ShortestPause, stoppingToken);
                await source.WaitForChange(LongestPause - ShortestPause, stoppingToken);
            }
            catch (Exception exception)
            {
                if (stoppingToken.IsCancellationRequested) return;
                if (!isFailing) LogFailed(database.Explain(exception));
                isFailing = true;
                await source.Close();
                await clock.Delay(LongestPause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ReadNew(Dictionary<ReplyKey, ReplyFeed> followed, CancellationToken cancellationToken)
    {
        foreach (var news in await source.Read([.. followed.Select(entry => (entry.Key, entry.Value.Last))], cancellationToken))
        {
            var feed = followed[news.Reply];
            feed.Publish(news.Frames);
            if (!news.IsStreaming) feed.End();
        }
    }

    private Dictionary<ReplyKey, ReplyFeed> All()
    {
        lock (_gate) return _followed.Where(entry => !entry.Value.Feed.IsEnded).ToDictionary(entry => entry.Key, entry => entry.Value.Feed);
    }

    private void Unfollow(ReplyKey key, Followed followed)
    {
        lock (_gate)
        {
            if (--followed.Readers == 0 && _followed.GetValueOrDefault(key) == followed) _followed.Remove(key);
        }
    }

    [LoggerMessage(5006, LogLevel.Warning, "The replies of other instances cannot be read. {Reason} Orion retries.")]
    private partial void LogFailed(string reason);

    private sealed class Followed(ReplyFeed feed)
    {
        internal ReplyFeed Feed => feed;

        internal int Readers { get; set; }
    }

    /// <summary>One reader of a reply of another instance.</summary>
    internal sealed class Following(ReplyFeed feed, Action unfollow) : IDisposable
    {
        /// <summary>The frames.</summary>
        internal ReplyFeed Feed => feed;

        public void Dispose() => unfollow();
    }
}
