namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// A clock that can be put forward and stopped. Timers stay real, so that Orion's own time limits still work; only what a clock
/// shows, and the monotonic time, are the test's.
/// </summary>
public sealed class TestClock : TimeProvider
{
    private readonly Lock _lock = new();
    private TimeSpan _ahead;
    private DateTimeOffset? _stopped;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _stopped ?? System.GetUtcNow() + _ahead;
    }

    public override long GetTimestamp()
    {
        lock (_lock) return System.GetTimestamp() + (long)(_ahead.TotalSeconds * TimestampFrequency);
    }

    /// <summary>Lets the clock show the same instant until it is started again.</summary>
    public void Stop()
    {
        var now = GetUtcNow();
        lock (_lock) _stopped = now;
    }

    /// <summary>Lets it run on.</summary>
    public void Start()
    {
        lock (_lock) _stopped = null;
    }

    /// <summary>Puts it forward; back with a negative time.</summary>
    public void Advance(TimeSpan by)
    {
        lock (_lock)
        {
            _ahead += by;
            _stopped += by;
        }
    }
}
