using Microsoft.Extensions.Time.Testing;
using Orion.Application.Tokens;

namespace Orion.UnitTests.Tokens;

public sealed class TimeProviderExtensionsTests
{
    private readonly FakeTimeProvider _clock = new(Given.Now);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-TimeSpan.TicksPerDay)]
    public void What_has_come_is_not_waited_for(long ticks) => Assert.True(Wait(ticks).IsCompletedSuccessfully);

    [Theory]
    [InlineData(1)]
    [InlineData(TimeSpan.TicksPerMillisecond)]
    [InlineData(TimeSpan.TicksPerMillisecond - 1)]
    [InlineData((464 * TimeSpan.TicksPerMillisecond) + 1_030)]
    public async Task It_is_not_over_a_tick_too_early(long ticks)
    {
        var waiting = Wait(ticks);

        _clock.Advance(TimeSpan.FromTicks(ticks - 1));
        await Task.Yield();
        Assert.False(waiting.IsCompleted);

        // The timer has whole milliseconds.
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_clock_that_is_put_back_is_waited_for_again()
    {
        var clock = new PutBack(Given.Now);
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
    public async Task What_is_further_ahead_than_the_longest_wait_is_not_waited_for(long milliseconds)
    {
        var waiting = Wait(milliseconds * TimeSpan.TicksPerMillisecond);

        Assert.True(waiting.IsCompleted);
        Assert.False(await waiting);
    }

    [Fact]
    public async Task A_clock_that_stands_still_ends_the_wait_with_the_longest_one()
    {
        var clock = new PutBack(Given.Now);
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

    private Task<bool> Wait(long ticks) => _clock.WaitUntil(Given.Now.AddTicks(ticks), TestContext.Current.CancellationToken);

    private sealed class PutBack(DateTimeOffset start) : FakeTimeProvider(start)
    {
        internal TimeSpan Behind { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - Behind;

        // The fake reads its monotonic clock from the clock that is put back.
        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
