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
    public void The_request_after_the_last_allowed_one_is_refused()
    {
        var budgets = Budgets(3);
        Assert.Equal(new RateLimitResult(true, 2, Window), budgets.Take(Address(1)));
        Assert.Equal(new RateLimitResult(true, 1, Window), budgets.Take(Address(1)));
        Assert.Equal(new RateLimitResult(true, 0, Window), budgets.Take(Address(1)));
        Assert.Equal(new RateLimitResult(false, 0, Window), budgets.Take(Address(1)));
        Assert.True(budgets.Take(Address(2)).Allowed);
    }

    [Fact]
    public void A_window_begins_with_its_first_request_and_does_not_move()
    {
        var budgets = Budgets(2);
        _time.Advance(TimeSpan.FromSeconds(5000));
        budgets.Take(Address(1));
        _time.Advance(TimeSpan.FromSeconds(899));
        Assert.Equal(new RateLimitResult(true, 0, 1), budgets.Take(Address(1)));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(new RateLimitResult(false, 0, 1), budgets.Take(Address(1)));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new RateLimitResult(true, 1, Window), budgets.Take(Address(1)));
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
        var budgets = Budgets(2);
        budgets.Take(Address(1));
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(left, budgets.Take(Address(1)).ResetsIn);
    }

    [Fact]
    public void A_wall_clock_that_is_set_changes_nothing()
    {
        var clock = new SteppingClock();
        var budgets = new FixedWindowRateLimiter(new RateLimitSettings(1, 1, TimeSpan.FromSeconds(Window)), clock);
        budgets.Take(Address(1));
        clock.Wall = clock.Wall.AddYears(1);
        Assert.False(budgets.Take(Address(1)).Allowed);
    }

    [Fact]
    public void A_user_and_their_session_tokens_have_budgets_of_the_users_size()
    {
        var budgets = new FixedWindowRateLimiter(new RateLimitSettings(1, 2, TimeSpan.FromSeconds(Window)), _time);
        var user = UserId.New(DateTimeOffset.UnixEpoch);
        foreach (var key in new[] { RateLimitPartition.Of(user, false), RateLimitPartition.Of(user, true) })
        {
            Assert.Equal(1, budgets.Take(key).Left);
            Assert.True(budgets.Take(key).Allowed);
            Assert.False(budgets.Take(key).Allowed);
        }

        Assert.True(budgets.Take(Address(1)).Allowed);
        Assert.False(budgets.Take(Address(1)).Allowed);
    }

    [Fact]
    public void Under_concurrency_exactly_the_budget_passes_in_each_window()
    {
        const int Budget = 1000;
        var budgets = Budgets(Budget);
        for (var window = 0; window < 5; window++)
        {
            Assert.Equal(Budget, Storm(budgets, _ => Address(1), 8, 500));
            _time.Advance(TimeSpan.FromSeconds(Window));
        }
    }

    [Fact]
    public void Under_concurrency_no_request_is_lost_or_won_while_others_are_swept()
    {
        const int Budget = 50;
        var budgets = Budgets(Budget);
        for (var window = 0; window < 5; window++)
        {
            // 40 keys, each asked for 80 times by several threads at once, begun and swept by all of them.
            Assert.Equal(40 * Budget, Storm(budgets, i => Address((uint)(i % 40)), 8, 400));
            _time.Advance(TimeSpan.FromSeconds(Window));
        }
    }

    [Fact]
    public void Beyond_100_000_addresses_new_ones_share_one_budget()
    {
        var budgets = Budgets(2);
        for (var i = 0U; i < 100_000; i++)
            Assert.True(budgets.Take(Address(i)).Allowed);
        Assert.Equal(100_000, budgets.AddressesHeld);

        Assert.True(budgets.Take(Address(200_001)).Allowed);
        Assert.True(budgets.Take(Address(200_002)).Allowed);
        Assert.False(budgets.Take(Address(200_003)).Allowed);
        Assert.Equal(100_000, budgets.AddressesHeld);

        // Who is held keeps their own, and users never depend on addresses.
        Assert.True(budgets.Take(Address(7)).Allowed);
        Assert.True(budgets.Take(RateLimitPartition.Of(UserId.New(DateTimeOffset.UnixEpoch), false)).Allowed);

        _time.Advance(TimeSpan.FromSeconds(Window));
        Assert.Equal(new RateLimitResult(true, 1, Window), budgets.Take(Address(200_003)));
        Assert.Equal(new RateLimitResult(true, 1, Window), budgets.Take(Address(200_004)));
    }

    [Fact]
    public void Each_beginning_sweeps_two_windows_that_are_over_and_none_that_is_not()
    {
        var budgets = Budgets(2);
        for (var i = 0U; i < 1000; i++)
            budgets.Take(Address(i));
        _time.Advance(TimeSpan.FromSeconds(Window - 1));
        budgets.Take(Address(5000));
        Assert.Equal(1001, budgets.AddressesHeld);

        _time.Advance(TimeSpan.FromSeconds(1));
        budgets.Take(Address(5000));
        Assert.Equal(1001, budgets.AddressesHeld);
        for (var i = 0U; i < 500; i++)
            budgets.Take(Address(10_000 + i));
        Assert.Equal(501, budgets.AddressesHeld);
        Assert.False(budgets.Take(Address(5000)).Allowed);
    }

    [Fact]
    public void A_window_that_runs_costs_no_allocation()
    {
        var budgets = Budgets(1_000_000);
        var key = Address(1);
        for (var i = 0; i < 100; i++)
            budgets.Take(key);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            budgets.Take(key);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RateLimitPartition Address(uint number) => RateLimitPartition.Of(new IPAddress(number));

    private static int Storm(FixedWindowRateLimiter budgets, Func<int, RateLimitPartition> key, int threads, int each)
    {
        var passed = 0;
        using var start = new Barrier(threads);
        var all = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < each; i++)
            {
                if (budgets.Take(key(i + number)).Allowed)
                    Interlocked.Increment(ref passed);
            }
        })).ToList();
        all.ForEach(thread => thread.Start());
        all.ForEach(thread => thread.Join());
        return passed;
    }

    private FixedWindowRateLimiter Budgets(int size) => new(new RateLimitSettings(size, size, TimeSpan.FromSeconds(Window)), _time);

    private sealed class SteppingClock : TimeProvider
    {
        internal DateTimeOffset Wall { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => 0;
    }
}
