namespace Orion.IntegrationTests.Fixtures;

/// <summary>A clock whose long timers, from 30 s on, ring early: a test need not wait for them, and the short ones keep their proportions.</summary>
internal sealed class FastClock : TimeProvider
{
    /// <summary>How many times as fast.</summary>
    public const int Factor = 20;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(base.CreateTimer(callback, state, Hurried(dueTime), period));

    private static TimeSpan Hurried(TimeSpan dueTime) => dueTime < Long ? dueTime : dueTime / Factor;

    private sealed class Timer(ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(Hurried(dueTime), period);

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
