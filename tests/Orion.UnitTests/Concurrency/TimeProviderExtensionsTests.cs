using Microsoft.Extensions.Time.Testing;
using Orion.Application.Concurrency;

namespace Orion.UnitTests.Concurrency;

public sealed class TimeProviderExtensionsTests
{
    private readonly FakeTimeProvider _clock = new(Given.Now);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-TimeSpan.TicksPerDay)]
    public void An_instant_in_the_past_is_not_waited_for(long ticks) => Assert.True(Wait(ticks).IsCompletedSuccessfully);

    [Theory]
    [InlineData(1)]
    [InlineData(TimeSpan.TicksPerMillisecond)]
    [InlineData(TimeSpan.TicksPerMillisecond - 1)]
    [InlineData((464 * TimeSpan.TicksPerMillisecond) + 1_030)]
    public async Task It_never_returns_early(long ticks)
    {
        var waiting = Wait(ticks);

        _clock.Advance(TimeSpan.FromTicks(ticks - 1));
        await Task.Yield();
        Assert.False(waiting.IsCompleted);

        // The timer counts whole milliseconds.
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_is_waited_for_again()
    {
        var clock = new AdjustableClock(Given.Now);
        var waiting = clock.WaitUntil(Given.Now.AddSeconds(1), TestContext.Current.CancellationToken);

        clock.Behind = TimeSpan.FromSeconds(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        clock.Behind = TimeSpan.Zero;
        clock.Advance(TimeSpan.FromSeconds(1));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(2_001)]
    [InlineData(3_600_000)]
    [InlineData(730 * 86_400_000L)]
    public async Task An_instant_beyond_the_longest_wait_is_not_waited_for(long milliseconds)
    {
        var waiting = Wait(milliseconds * TimeSpan.TicksPerMillisecond);

        Assert.True(waiting.IsCompleted);
        Assert.False(await waiting);
    }

    [Fact]
    public async Task A_stopped_clock_is_waited_for_no_longer_than_the_longest_wait()
    {
        var clock = new AdjustableClock(Given.Now);
        var waiting = clock.WaitUntil(Given.Now.AddSeconds(1), TestContext.Current.CancellationToken);

        while (!waiting.IsCompleted)
        {
            clock.Behind += TimeSpan.FromMilliseconds(100);
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.False(await waiting);
    }

    [Fact]
    public async Task A_cancelled_wait_ends_at_once()
    {
        using var caller = new CancellationTokenSource();
        var waiting = _clock.WaitUntil(Given.Now.AddSeconds(1), caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_delay_never_returns_early()
    {
        var waiting = _clock.Delay(TimeSpan.FromTicks(4_641_030), TestContext.Current.CancellationToken);

        _clock.Advance(TimeSpan.FromTicks(4_641_029));
        await Task.Yield();
        Assert.False(waiting.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_delay_may_be_longer_than_a_timer_can()
    {
        var waiting = _clock.Delay(TimeSpan.FromDays(60), TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromDays(59));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        _clock.Advance(TimeSpan.FromDays(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    private Task<bool> Wait(long ticks) => _clock.WaitUntil(Given.Now.AddTicks(ticks), TestContext.Current.CancellationToken);

    private sealed class AdjustableClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        internal TimeSpan Behind { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - Behind;

        // FakeTimeProvider derives its timestamps from the time that is set back.
        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
