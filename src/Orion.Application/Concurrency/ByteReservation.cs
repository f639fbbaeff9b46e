namespace Orion.Application.Concurrency;

/// <summary>The memory that one request holds of <see cref="InFlightBytes"/>, until it is disposed.</summary>
public sealed class ByteReservation : IDisposable
{
    // Acquired in steps, so that a slowly growing request seldom needs to acquire more.
    private const long Step = InFlightBytes.Small;

    private readonly InFlightBytes _all;

    // An abandoned read may still acquire memory after its request has ended.
    private readonly Lock _gate = new();
    private long _held;
    private bool _isDisposed;

    internal ByteReservation(InFlightBytes all) => _all = all;

    /// <summary>Holds at least this many bytes, if they are available now.</summary>
    public bool TryCover(long bytes)
    {
        var more = Missing(bytes);
        if (more <= 0) return true;
        if (!_all.TryAcquire(more)) return false;
        Hold(more);
        return true;
    }

    /// <summary>Holds at least this many bytes, after a wait if necessary.</summary>
    /// <exception cref="OverloadedException">The wait timed out.</exception>
    public async ValueTask Cover(long bytes, CancellationToken cancellationToken)
    {
        if (TryCover(bytes)) return;
        var more = Missing(bytes);
        if (!await _all.Acquire(more, cancellationToken)) throw new OverloadedException();
        Hold(more);
    }

    /// <summary>Releases everything above this many bytes.</summary>
    public void ShrinkTo(long bytes)
    {
        long surplus;
        lock (_gate)
        {
            surplus = Math.Max(0, -Missing(bytes));
            _held -= surplus;
        }

        if (surplus > 0) _all.Release(surplus);
    }

    /// <summary>Releases everything.</summary>
    public void Dispose()
    {
        lock (_gate) _isDisposed = true;
        ShrinkTo(0);
    }

    private long Missing(long bytes) => ((bytes + Step - 1) / Step * Step) - _held;

    private void Hold(long bytes)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _held += bytes;
                return;
            }
        }

        _all.Release(bytes);
    }
}
