using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Replies;

/// <summary>
/// A reply that this process streams. Its runner adds frames, and the frame writer takes them chunk by chunk. A chunk whose result is
/// unknown stays the same until it is known, so that it can be written again.
/// </summary>
/// <param name="begun">The reply.</param>
/// <param name="caller">The caller who began it.</param>
internal sealed class RunningReply(BegunReply begun, Caller caller) : IDisposable
{
    // The model is read no faster than the database stores.
    private const int MaxWaiting = 64 * 1024;

    // The frame of the transaction that has begun the reply.
    private const int FirstFrame = 1;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<StoredFrame> _waiting = [];
    private int _waitingLength;
    private FrameChunk? _chunk;
    private bool _isEnding;
    private ReplyEnd? _cause;
    private TaskCompletionSource? _change;

    /// <summary>The reply as it was begun.</summary>
    internal BegunReply Begun => begun;

    /// <summary>Identifies it.</summary>
    internal ReplyKey Key { get; } = new(caller.Id, SessionId.From(begun.SessionId), ReplyId.From(begun.ReplyId));

    /// <summary>The caller who began it.</summary>
    internal Caller Caller => caller;

    /// <summary>The owner without a token: Orion's own reads and writes do not depend on the caller's token.</summary>
    internal Caller Owner { get; } = new(caller.Id, caller.Email);

    /// <summary>The stored frames, for readers in this process.</summary>
    internal ReplyFeed Feed { get; } = new(FirstFrame);

    /// <summary>Is cancelled when the model must stop.</summary>
    internal CancellationToken Stopping => _cancellation.Token;

    /// <summary>Completes when the reply has ended.</summary>
    internal Task Completion => _completion.Task;

    /// <summary>When the database last confirmed that the reply is streaming: a timestamp of the monotonic clock.</summary>
    internal long ConfirmedAt { get; set; }

    /// <summary>Whether it ended elsewhere, or was deleted.</summary>
    internal bool IsLost { get; private set; }

    /// <summary>Whether the database was away for too long.</summary>
    internal bool IsGivenUp { get; private set; }

    /// <summary>Why it was stopped; null if it was not.</summary>
    internal ReplyEnd? Cause => _cause;

    /// <summary>Stops the model. The first cause counts.</summary>
    internal void Stop(ReplyEnd cause)
    {
        if (Interlocked.CompareExchange(ref _cause, cause, null) is null) Cancel();
    }

    /// <summary>Adds frames.</summary>
    internal void Add(IEnumerable<StoredFrame> frames)
    {
        lock (_gate)
        {
            foreach (var frame in frames)
            {
                _waiting.Add(frame);
                _waitingLength += frame.Json.Length;
            }
        }
    }

    /// <summary>Waits while too many frames are waiting.</summary>
    internal async ValueTask WaitForRoom()
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_waitingLength <= MaxWaiting) return;
                change = Change();
            }

            await change.WaitAsync(Stopping);
        }
    }

    /// <summary>The chunk to write next; null if no frame is waiting.</summary>
    internal FrameChunk? Take()
    {
        lock (_gate)
        {
            if (_chunk is not null || _isEnding || IsLost || IsGivenUp || _waiting.Count == 0) return _chunk;
            _chunk = new FrameChunk(Key, _waiting);
            _waiting = [];
            _waitingLength = 0;
            SignalChange();
            return _chunk;
        }
    }

    /// <summary>The chunk is stored: readers get its frames.</summary>
    internal void Stored(FrameChunk chunk)
    {
        Feed.Publish(chunk.Frames);
        lock (_gate)
        {
            if (_chunk == chunk) _chunk = null;
            SignalChange();
        }
    }

    /// <summary>The reply ended elsewhere, or was deleted. What is waiting is dropped.</summary>
    internal void Lose()
    {
        lock (_gate)
        {
            IsLost = true;
            Drop();
        }

        Abandon();
    }

    /// <summary>The database was away for too long. What is waiting is dropped.</summary>
    internal void GiveUp()
    {
        lock (_gate)
        {
            IsGivenUp = true;
            Drop();
        }

        Abandon();
    }

    /// <summary>Waits until the result of the last chunk is known, and takes what is left. The writer takes nothing from now on.</summary>
    internal async Task<IReadOnlyList<StoredFrame>> TakeRest()
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                _isEnding = true;
                if (_chunk is null) return _waiting;
                change = Change();
            }

            await change;
        }
    }

    // The source has no timer, so it needs no disposal, which could collide with a cancellation.
    public void Dispose() => _completion.TrySetResult();

    private void Abandon()
    {
        Stop(ReplyEnd.Interrupted);
        Feed.End();
    }

    private void Drop()
    {
        _chunk = null;
        _waiting = [];
        _waitingLength = 0;
        SignalChange();
    }

    // On another thread, because callbacks of the model's client run inside.
    private void Cancel() => _ = _cancellation.CancelAsync();

    private Task Change() => (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void SignalChange()
    {
        _change?.TrySetResult();
        _change = null;
    }
}
