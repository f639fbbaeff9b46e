namespace Orion.Api.Hosting;

/// <summary>The phase that a request is in.</summary>
internal enum RequestPhase
{
    /// <summary>Orion works: before the body, and between the last byte of the body and the first byte of the response.</summary>
    Work,

    /// <summary>The client sends the body.</summary>
    Body,

    /// <summary>The client reads the response, or one write of an event stream.</summary>
    Response,

    /// <summary>An event stream waits for the next event, or an export is sent.</summary>
    Stream,
}

/// <summary>
/// The time limits of a request. Each phase has its own, so a slow client does not shorten the time for the work, and slow work does not
/// shorten the time for the client. Stored as a feature of the request.
/// </summary>
internal sealed class RequestTimeouts : IDisposable
{
    /// <summary>The time limit of <see cref="RequestPhase.Work"/>.</summary>
    internal static readonly TimeSpan Work = TimeSpan.FromSeconds(30);

    /// <summary>The time limit of <see cref="RequestPhase.Body"/> and <see cref="RequestPhase.Response"/>.</summary>
    internal static readonly TimeSpan Client = TimeSpan.FromSeconds(300);

    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _linked;
    private bool _isDisposed;

    internal RequestTimeouts(TimeProvider clock, CancellationToken disconnected)
    {
        _timeout = new CancellationTokenSource(Work, clock);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(disconnected, _timeout.Token);
    }

    /// <summary>Is cancelled when a phase takes too long, or the client disconnects.</summary>
    internal CancellationToken Token => _linked.Token;

    /// <summary>Is cancelled only when a phase takes too long: for work that goes on when the client disconnects.</summary>
    internal CancellationToken Expired => _timeout.Token;

    internal RequestPhase Phase { get; private set; } = RequestPhase.Work;

    /// <summary>Whether a phase took too long.</summary>
    internal bool HasExpired => _timeout.IsCancellationRequested;

    /// <summary>Starts the next phase and its time limit.</summary>
    internal void Begin(RequestPhase phase)
    {
        // After a timeout, the error response has no limit here. Kestrel starts a response without a body after this object is disposed.
        if (HasExpired || _isDisposed) return;
        Phase = phase;
        _timeout.CancelAfter(phase switch
        {
            RequestPhase.Work => Work,
            RequestPhase.Stream => Timeout.InfiniteTimeSpan,
            _ => Client,
        });
    }

    public void Dispose()
    {
        _isDisposed = true;
        _linked.Dispose();
        _timeout.Dispose();
    }
}
