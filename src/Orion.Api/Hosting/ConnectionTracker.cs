namespace Orion.Api.Hosting;

/// <summary>
/// The connections that clients hold open. To close one without a word is to lose the request that is on its way over it, so a process
/// that stops says <c>Connection: close</c> with the next answer instead (RFC 9112, section 9.6).
/// </summary>
internal sealed class ConnectionTracker
{
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private volatile bool _isClosing;

    /// <summary>Whether each answer is now its connection's last.</summary>
    internal bool IsClosing => _isClosing;

    internal void Opened() => Interlocked.Increment(ref _count);

    internal void Closed()
    {
        if (Interlocked.Decrement(ref _count) == 0 && _isClosing) _none.TrySetResult();
    }

    /// <summary>From now on each answer is its connection's last. No new connection may come any more.</summary>
    /// <param name="patience">How long clients have for one more request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task Close(TimeSpan patience, CancellationToken cancellationToken)
    {
        _isClosing = true;
        if (Volatile.Read(ref _count) == 0) return;
        // Who has been silent for so long is closed by the server's stop.
        await ((Task)_none.Task.WaitAsync(patience, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
