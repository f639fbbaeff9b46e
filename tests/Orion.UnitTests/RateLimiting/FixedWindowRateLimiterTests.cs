using System.Net;
using Microsoft.Extensions.Time.Testing;
using Orion.Api.RateLimiting;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.RateLimiting;

public sealed class FixedWindowRateLimiterTests
{
    private const int Window = 900;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_request_after_the_last_allowed_one_is_rejected()
    {
        var limiter = Limiter(3);
        Assert.Equal(new RateLimitResult(true, 2, Window), limiter.Acquire(Address(1)));
        Assert.Equal(new RateLimitResult(true, 1, Window), limiter.Acquire(Address(1)));
        Assert.Equal(new RateLimitResult(true, 0, Window), limiter.Acquire(Address(1)));
        Assert.Equal(new RateLimitResult(false, 0, Window), limiter.Acquire(Address(1)));
        Assert.True(limiter.Acquire(Address(2)).IsAllowed);
    }

    [Fact]
    public void A_window_begins_with_its_first_request_and_does_not_move()
    {
        var limiter = Limiter(2);
        _time.Advance(TimeSpan.FromSeconds(5000));
        limiter.Acquire(Address(1));
        _time.Advance(TimeSpan.FromSeconds(899));
        Assert.Equal(new RateLimitResult(true, 0, 1), limiter.Acquire(Address(1)));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(new RateLimitResult(false, 0, 1), limiter.Acquire(Address(1)));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new RateLimitResult(true, 1, Window), limiter.Acquire(Address(1)));
    }

    [Theory]
    [InlineData(0, 900)]
    [InlineData(1, 900)]
    [InlineData(999, 900)]
    [InlineData(1000, 899)]
    [InlineData(898_001, 2)]
    [InlineData(899_999, 1)]
    public void The_seconds_left_are_rounded_up(int milliseconds, int left)
    {
        var limiter = Limiter(2);
        limiter.Acquire(Address(1));
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(left, limiter.Acquire(Address(1)).ResetSeconds);
    }

    [Fact]
    public void A_wall_clock_that_is_set_changes_nothing()
    {
        var clock = new SteppingClock();
        var limiter = new FixedWindowRateLimiter(new RateLimitSettings(1, 1, TimeSpan.FromSeconds(Window)), clock);
        limiter.Acquire(Address(1));
        clock.Wall = clock.Wall.AddYears(1);
        Assert.False(limiter.Acquire(Address(1)).IsAllowed);
    }

    [Fact]
    public void A_user_and_their_session_tokens_have_rate_limits_of_the_same_size()
    {
        var limiter = new FixedWindowRateLimiter(new RateLimitSettings(1, 2, TimeSpan.FromSeconds(Window)), _time);
        var user = UserId.New(DateTimeOffset.UnixEpoch);
        foreach (var key in new[] { RateLimitPartition.Of(user, false), RateLimitPartition.Of(user, true) })
        {
            Assert.Equal(1, limiter.Acquire(key).Remaining);
            Assert.True(limiter.Acquire(key).IsAllowed);
            Assert.False(limiter.Acquire(key).IsAllowed);
        }

        Assert.True(limiter.Acquire(Address(1)).IsAllowed);
        Assert.False(limiter.Acquire(Address(1)).IsAllowed);
    }

    [Fact]
    public void Under_concurrency_exactly_the_limit_passes_in_each_window()
    {
        const int Limit = 1000;
        var limiter = Limiter(Limit);
        for (var window = 0; window < 5; window++)
        {
            Assert.Equal(Limit, Storm(limiter, _ => Address(1), 8, 500));
            _time.Advance(TimeSpan.FromSeconds(Window));
        }
    }

    [Fact]
    public void Under_concurrency_each_key_gets_exactly_its_limit_while_windows_are_removed()
    {
        const int Limit = 50;
        var limiter = Limiter(Limit);
        for (var window = 0; window < 5; window++)
        {
            // Several threads request each of 40 keys 80 times, and all of them start and remove windows.
            Assert.Equal(40 * Limit, Storm(limiter, i => Address((uint)(i % 40)), 8, 400));
            _time.Advance(TimeSpan.FromSeconds(Window));
        }
    }

    [Fact]
    public void Beyond_100_000_addresses_new_ones_share_one_window()
    {
        var limiter = Limiter(2);
        for (var i = 0U; i < 100_000; i++)
            Assert.True(limiter.Acquire(Address(i)).IsAllowed);
        Assert.Equal(100_000, limiter.AddressCount);

        Assert.True(limiter.Acquire(Address(200_001)).IsAllowed);
        Assert.True(limiter.Acquire(Address(200_002)).IsAllowed);
        Assert.False(limiter.Acquire(Address(200_003)).IsAllowed);
        Assert.Equal(100_000, limiter.AddressCount);

        // Known addresses keep their windows, and users do not depend on addresses.
        Assert.True(limiter.Acquire(Address(7)).IsAllowed);
        Assert.True(limiter.Acquire(RateLimitPartition.Of(UserId.New(DateTimeOffset.UnixEpoch), false)).IsAllowed);

        _time.Advance(TimeSpan.FromSeconds(Window));
        Assert.Equal(new RateLimitResult(true, 1, Window), limiter.Acquire(Address(200_003)));
        Assert.Equal(new RateLimitResult(true, 1, Window), limiter.Acquire(Address(200_004)));
    }

    [Fact]
    public void Each_new_window_removes_two_that_have_ended_and_no_other()
    {
        var limiter = Limiter(2);
        for (var i = 0U; i < 1000; i++)
            limiter.Acquire(Address(i));
        _time.Advance(TimeSpan.FromSeconds(Window - 1));
        limiter.Acquire(Address(5000));
        Assert.Equal(1001, limiter.AddressCount);

        _time.Advance(TimeSpan.FromSeconds(1));
        limiter.Acquire(Address(5000));
        Assert.Equal(1001, limiter.AddressCount);
        for (var i = 0U; i < 500; i++)
            limiter.Acquire(Address(10_000 + i));
        Assert.Equal(501, limiter.AddressCount);
        Assert.False(limiter.Acquire(Address(5000)).IsAllowed);
    }

    [Fact]
    public void Counting_in_a_running_window_allocates_nothing()
    {
        var limiter = Limiter(1_000_000);
        var key = Address(1);
        for (var i = 0; i < 100; i++)
            limiter.Acquire(key);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            limiter.Acquire(key);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RateLimitPartition Address(uint number) => RateLimitPartition.Of(new IPAddress(number));

    private static int Storm(FixedWindowRateLimiter limiter, Func<int, RateLimitPartition> key, int threads, int each)
    {
        var passed = 0;
        using var start = new Barrier(threads);
        var all = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < each; i++)
            {
                if (limiter.Acquire(key(i + number)).IsAllowed)
                    Interlocked.Increment(ref passed);
            }
        })).ToList();
        all.ForEach(thread => thread.Start());
        all.ForEach(thread => thread.Join());
        return passed;
    }

    private FixedWindowRateLimiter Limiter(int size) => new(new RateLimitSettings(size, size, TimeSpan.FromSeconds(Window)), _time);

    private sealed class SteppingClock : TimeProvider
    {
        internal DateTimeOffset Wall { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => 0;
    }
}
