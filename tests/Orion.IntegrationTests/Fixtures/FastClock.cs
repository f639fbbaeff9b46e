namespace Orion.IntegrationTests.Fixtures;

/// <summary>A clock whose timers of 30 s and more fire early, so that tests do not wait for them. Shorter timers are not changed.</summary>
internal sealed class FastClock : TimeProvider
{
    /// <summary>How much faster the long timers are.</summary>
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
