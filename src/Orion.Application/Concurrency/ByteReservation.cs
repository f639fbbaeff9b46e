namespace Orion.Application.Concurrency;

/// <summary>What one request holds of <see cref="InFlightBytes"/>, until it is disposed of.</summary>
public sealed class ByteReservation : IDisposable
{
    // Taken in steps, so that what grows slowly asks seldom.
    private const long Step = InFlightBytes.Small;

    private readonly InFlightBytes _all;

    // A read that was given up, because its database hangs, may still ask when the request is over.
    private readonly Lock _gate = new();
    private long _held;
    private bool _isOver;

    internal ByteReservation(InFlightBytes all) => _all = all;

    /// <summary>Holds at least so many bytes, where that is possible at once.</summary>
    public bool TryCover(long bytes)
    {
        var more = Missing(bytes);
        if (more <= 0) return true;
        if (!_all.TryTake(more)) return false;
        Keep(more);
        return true;
    }

    /// <summary>Holds at least so many bytes, after a wait where it must be.</summary>
    /// <exception cref="OverloadedException">The wait was too long.</exception>
    public async ValueTask Cover(long bytes, CancellationToken cancellationToken)
    {
        if (TryCover(bytes)) return;
        var more = Missing(bytes);
        if (!await _all.Take(more, cancellationToken)) throw new OverloadedException();
        Keep(more);
    }

    /// <summary>Gives back what is more than this.</summary>
    public void ShrinkTo(long bytes)
    {
        long surplus;
        lock (_gate)
        {
            surplus = Math.Max(0, -Missing(bytes));
            _held -= surplus;
        }

        if (surplus > 0) _all.Give(surplus);
    }

    /// <summary>Gives everything back.</summary>
    public void Dispose()
    {
        lock (_gate) _isOver = true;
        ShrinkTo(0);
    }

    private long Missing(long bytes) => ((bytes + Step - 1) / Step * Step) - _held;

    private void Keep(long bytes)
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _held += bytes;
                return;
            }
        }

        _all.Give(bytes);
    }
}
