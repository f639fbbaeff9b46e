namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// A clock that can be advanced and stopped. Timers are real, so that Orion's timeouts still work. Only the time
/// and the timestamps are controlled by the test.
/// </summary>
public sealed class TestClock : TimeProvider
{
    private readonly Lock _lock = new();
    private TimeSpan _ahead;
    private TimeSpan _elapsed;
    private DateTimeOffset? _stopped;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _stopped ?? System.GetUtcNow() + _ahead;
    }

    public override long GetTimestamp()
    {
        lock (_lock) return System.GetTimestamp() + (long)(_elapsed.TotalSeconds * TimestampFrequency);
    }

    /// <summary>Stops the clock until it is started again.</summary>
    public void Stop()
    {
        var now = GetUtcNow();
        lock (_lock) _stopped = now;
    }

    /// <summary>Starts the clock again.</summary>
    public void Start()
    {
        lock (_lock) _stopped = null;
    }

    /// <summary>Advances the clock; a negative time sets it back. The timestamps, which are monotonic, never go back.</summary>
    public void Advance(TimeSpan by)
    {
        lock (_lock)
        {
            _ahead += by;
            if (by > TimeSpan.Zero) _elapsed += by;
            _stopped += by;
        }
    }
}
