namespace Orion.Api.Hosting;

/// <summary>What a request is waiting for.</summary>
internal enum RequestPhase
{
    /// <summary>Orion's own work: before the body, and from its last byte to the first one of the response.</summary>
    Work,

    /// <summary>A client that sends its body.</summary>
    Body,

    /// <summary>A client that takes the response.</summary>
    Response,
}

/// <summary>
/// How long a request may take, by what it is waiting for: a client on a slow line is not held against the work, nor the work against
/// the client. A feature of each request.
/// </summary>
internal sealed class RequestTimeouts : IDisposable
{
    /// <summary>The longest that Orion's own work may take.</summary>
    internal static readonly TimeSpan Work = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Client = TimeSpan.FromSeconds(300);

    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;
    private bool _isDisposed;

    internal RequestTimeouts(TimeProvider clock, CancellationToken disconnected)
    {
        _limit = new CancellationTokenSource(Work, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(disconnected, _limit.Token);
    }

    /// <summary>Ends the request: its time is over, or its client is gone.</summary>
    internal CancellationToken Token => _either.Token;

    internal RequestPhase Phase { get; private set; } = RequestPhase.Work;

    /// <summary>Whether the phase took too long.</summary>
    internal bool IsOver => _limit.IsCancellationRequested;

    /// <summary>Begins the next phase, with a time limit of its own.</summary>
    internal void Begin(RequestPhase phase)
    {
        // What is over stays so: the answer to that is written without a limit of ours, as is one without a body, which Kestrel begins last.
        if (IsOver || _isDisposed) return;
        Phase = phase;
        _limit.CancelAfter(phase == RequestPhase.Work ? Work : Client);
    }

    public void Dispose()
    {
        _isDisposed = true;
        _either.Dispose();
        _limit.Dispose();
    }
}
