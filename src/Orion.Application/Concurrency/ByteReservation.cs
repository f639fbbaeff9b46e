namespace Orion.Application.Concurrency;

/// <summary>The memory that one request holds from <see cref="InFlightBytes"/>, until it is disposed.</summary>
public sealed class ByteReservation : IDisposable
{
    // Acquired in steps, so that a slowly growing request seldom needs to acquire more.
    private const long Step = InFlightBytes.Small;

    private readonly InFlightBytes _source;

    // An abandoned read may still acquire memory after its request has ended.
    private readonly Lock _gate = new();
    private long _held;
    private bool _isDisposed;

    internal ByteReservation(InFlightBytes source) => _source = source;

    /// <summary>Holds at least this many bytes, if they are available now.</summary>
    public bool TryGrowTo(long bytes)
    {
        var more = Missing(bytes);
        if (more <= 0) return true;
        if (!_source.TryAcquire(more)) return false;
        Add(more);
        return true;
    }

    /// <summary>Holds at least this many bytes, after a wait if necessary.</summary>
    /// <exception cref="OverloadedException">The wait timed out.</exception>
    public async ValueTask GrowTo(long bytes, CancellationToken cancellationToken)
    {
        if (TryGrowTo(bytes)) return;
        var more = Missing(bytes);
        if (!await _source.Acquire(more, cancellationToken)) throw new OverloadedException();
        Add(more);
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

        if (surplus > 0) _source.Release(surplus);
    }

    /// <summary>Releases everything.</summary>
    public void Dispose()
    {
        lock (_gate) _isDisposed = true;
        ShrinkTo(0);
    }

    private long Missing(long bytes) => ((bytes + Step - 1) / Step * Step) - _held;

    private void Add(long bytes)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _held += bytes;
                return;
            }
        }

        _source.Release(bytes);
    }
}
