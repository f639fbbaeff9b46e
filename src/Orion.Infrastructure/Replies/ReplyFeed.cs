using Orion.Application.Replies;

namespace Orion.Infrastructure.Replies;

/// <summary>
/// The newest stored frames of a running reply, for its readers in this process. Its memory is bounded: a reader that falls behind reads
/// from the database until it has caught up.
/// </summary>
/// <param name="last">The number of the last frame that is stored when the feed begins.</param>
internal sealed class ReplyFeed(int last)
{
    // Small, so that most frames are dropped while they are still in a young generation of the garbage collector.
    private const int MaxBytes = 8 * 1024;

    private readonly Lock _gate = new();

    // Without gaps; the last one has the number _last.
    private readonly List<StoredFrame> _tail = [];
    private int _bytes;
    private int _last = last;
    private bool _isEnded;
    private TaskCompletionSource? _change;

    /// <summary>The number of the last published frame.</summary>
    internal int Last
    {
        get
        {
            lock (_gate) return _last;
        }
    }

    /// <summary>Whether no frame follows. The last frames of the reply are in the database.</summary>
    internal bool IsEnded
    {
        get
        {
            lock (_gate) return _isEnded;
        }
    }

    /// <summary>Adds stored frames, which follow the last one.</summary>
    internal void Publish(IReadOnlyList<StoredFrame> frames)
    {
        TaskCompletionSource? change;
        lock (_gate)
        {
            foreach (var frame in frames)
            {
                if (frame.Number != _last + 1) continue;
                _tail.Add(frame);
                _bytes += SizeOf(frame);
                _last = frame.Number;
            }

            DropOlder(keep: frames.Count);
            (change, _change) = (_change, null);
        }

        change?.TrySetResult();
    }

    /// <summary>Ends the feed.</summary>
    internal void End()
    {
        TaskCompletionSource? change;
        lock (_gate)
        {
            _isEnded = true;
            (change, _change) = (_change, null);
        }

        change?.TrySetResult();
    }

    /// <summary>The frames after a number.</summary>
    internal FeedRead ReadAfter(int number)
    {
        lock (_gate)
        {
            if (number < _last - _tail.Count) return FeedRead.Behind;
            if (number < _last) return new FeedRead(_tail.GetRange(_tail.Count - (_last - number), _last - number));
            if (_isEnded) return FeedRead.Ended;
            _change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new FeedRead(null, _change.Task);
        }
    }

    // Strings have two bytes for each character; the rest are the headers of the objects.
    private static int SizeOf(StoredFrame frame) => (2 * frame.Json.Length) + 64;

    // The newest frames stay in any case: a reader that waits for them does not need the database.
    private void DropOlder(int keep)
    {
        var count = 0;
        while (_bytes > MaxBytes && count < _tail.Count - keep) _bytes -= SizeOf(_tail[count++]);
        _tail.RemoveRange(0, count);
    }
}

/// <summary>What a reader of a <see cref="ReplyFeed"/> gets.</summary>
/// <param name="Frames">The next frames; null if there are none yet.</param>
/// <param name="Change">Completes when there may be more; null if no more will come from the feed.</param>
internal readonly record struct FeedRead(IReadOnlyList<StoredFrame>? Frames, Task? Change = null)
{
    /// <summary>The feed has ended: the rest is in the database.</summary>
    internal static FeedRead Ended { get; } = new(null);

    /// <summary>The feed no longer has the next frame: it is in the database.</summary>
    internal static FeedRead Behind { get; } = new(null);
}
