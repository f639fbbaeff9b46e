using Microsoft.Extensions.Time.Testing;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.UnitTests.Concurrency;

public sealed class InFlightBytesTests
{
    private const long Step = InFlightBytes.Small;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly Caller Ann = Person();
    private static readonly Caller Bob = Person();
    private static readonly Caller[] People = [Ann, Bob, Person()];

    private readonly FakeTimeProvider _clock = new();
    private readonly InFlightBytes _all;

    public InFlightBytesTests() => _all = new InFlightBytes(_clock, 10 * Step);

    [Fact]
    public void All_requests_share_the_limit_and_get_memory_that_others_release()
    {
        var first = _all.Begin();
        Assert.True(first.TryGrowTo(6 * Step));
        using var second = _all.Begin();
        Assert.False(second.TryGrowTo(5 * Step));
        Assert.True(second.TryGrowTo(4 * Step));

        first.Dispose();

        Assert.True(second.TryGrowTo(10 * Step));
    }

    [Fact]
    public void Memory_that_is_already_reserved_is_not_reserved_twice()
    {
        using var memory = _all.Begin();
        for (var bytes = 1; bytes <= 10 * Step; bytes += 1000) Assert.True(memory.TryGrowTo(bytes));

        Assert.False(memory.TryGrowTo((10 * Step) + 1));
        Assert.True(memory.TryGrowTo(10 * Step));
    }

    [Fact]
    public void Memory_that_is_no_longer_needed_is_released()
    {
        using var first = _all.Begin();
        first.TryGrowTo(10 * Step);
        first.ShrinkTo((2 * Step) - 1);
        first.ShrinkTo(5 * Step);

        using var second = _all.Begin();
        Assert.False(second.TryGrowTo(9 * Step));
        Assert.True(second.TryGrowTo(8 * Step));
    }

    [Fact]
    public async Task Waiting_requests_are_served_in_order()
    {
        var holder = _all.Begin();
        holder.TryGrowTo(9 * Step);
        using var first = _all.Begin();
        using var second = _all.Begin();
        var large = first.GrowTo(8 * Step, Ct).AsTask();
        var small = second.GrowTo(Step, Ct).AsTask();

        Assert.False(_all.Begin().TryGrowTo(Step));
        Assert.False(large.IsCompleted || small.IsCompleted);
        holder.Dispose();

        await large;
        await small;
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_rejected_and_later_ones_continue()
    {
        using var holder = _all.Begin();
        holder.TryGrowTo(9 * Step);
        var large = _all.Begin().GrowTo(8 * Step, Ct).AsTask();
        _clock.Advance(Timeout / 2);
        var small = _all.Begin().GrowTo(Step, Ct).AsTask();
        _clock.Advance(Timeout / 2);

        await Assert.ThrowsAsync<OverloadedException>(() => large);
        await small;
    }

    [Fact]
    public async Task A_cancelled_wait_reserves_nothing()
    {
        var holder = _all.Begin();
        holder.TryGrowTo(10 * Step);
        using var cancellation = new CancellationTokenSource();
        using var leaving = _all.Begin();
        var waiting = leaving.GrowTo(10 * Step, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        holder.Dispose();

        Assert.True(_all.Begin().TryGrowTo(10 * Step));
    }

    [Fact]
    public async Task A_completed_request_releases_memory_that_it_gets_late()
    {
        var holder = _all.Begin();
        holder.TryGrowTo(10 * Step);
        var over = _all.Begin();
        var late = over.GrowTo(10 * Step, Ct).AsTask();
        over.Dispose();
        holder.Dispose();
        await late;

        Assert.True(_all.Begin().TryGrowTo(10 * Step));
    }

    [Fact]
    public void A_caller_has_at_most_half()
    {
        using var first = _all.Begin(Ann);
        using var second = _all.Begin(Ann);
        Assert.True(first.TryGrowTo(4 * Step));
        Assert.False(second.TryGrowTo(2 * Step));
        Assert.True(second.TryGrowTo(Step));

        Assert.True(_all.Begin(Bob).TryGrowTo(5 * Step));
        Assert.False(_all.Begin().TryGrowTo(Step));
    }

    [Fact]
    public void User_tokens_and_session_tokens_of_a_user_count_separately()
    {
        Assert.True(_all.Begin(Ann).TryGrowTo(5 * Step));
        Assert.True(_all.Begin(Ann with { Scope = SessionId.New(DateTimeOffset.UnixEpoch) }).TryGrowTo(4 * Step));
        Assert.False(_all.Begin(Ann with { Scope = SessionId.New(DateTimeOffset.UnixEpoch) }).TryGrowTo(2 * Step));
        Assert.True(_all.Begin(Bob).TryGrowTo(Step));
    }

    [Fact]
    public async Task A_caller_that_has_reserved_its_half_does_not_delay_others()
    {
        var holder = _all.Begin(Ann);
        holder.TryGrowTo(5 * Step);
        using var next = _all.Begin(Ann);
        var waiting = next.GrowTo(5 * Step, Ct).AsTask();

        using (var other = _all.Begin(Bob)) Assert.True(other.TryGrowTo(5 * Step));
        Assert.False(waiting.IsCompleted);
        holder.Dispose();

        await waiting;
    }

    [Fact]
    public async Task The_waits_for_the_half_and_for_the_whole_share_one_timeout()
    {
        var holder = _all.Begin(Ann);
        holder.TryGrowTo(5 * Step);
        using var other = _all.Begin(Bob);
        other.TryGrowTo(5 * Step);
        using var open = _all.Begin();
        var first = open.GrowTo(5 * Step, Ct).AsTask();
        var second = _all.Begin(Ann).GrowTo(5 * Step, Ct).AsTask();
        _clock.Advance(Timeout / 2);

        // The first in the queue of the whole gets what the caller waits for in its half.
        holder.Dispose();
        await first;
        Assert.False(second.IsCompleted);
        // It may begin to wait for the whole only after the clock has advanced, and then waits once more.
        do
        {
            _clock.Advance(Timeout / 2);
            await Task.Yield();
        }
        while (!second.IsCompleted);

        await Assert.ThrowsAsync<OverloadedException>(() => second);
        open.Dispose();
        Assert.True(_all.Begin(Ann).TryGrowTo(5 * Step));
    }

    [Fact]
    public async Task A_cancelled_wait_for_the_whole_releases_the_callers_half()
    {
        var holder = _all.Begin();
        holder.TryGrowTo(10 * Step);
        using var cancellation = new CancellationTokenSource();
        var waiting = _all.Begin(Ann).GrowTo(5 * Step, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        holder.Dispose();

        Assert.True(_all.Begin(Ann).TryGrowTo(5 * Step));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Under_any_concurrency_the_limit_holds_and_all_memory_is_released(int callers)
    {
        long held = 0;
        long most = 0;
        await Task.WhenAll(Enumerable.Range(1, 500).Select(n => Task.Run(async () =>
        {
            var bytes = n % (callers > 0 ? 6 : 10) * Step;
            using (var memory = _all.Begin(callers > 0 ? People[n % callers] : null))
            {
                await memory.GrowTo(bytes, Ct);
                var now = Interlocked.Add(ref held, bytes);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Add(ref held, -bytes);
            }
        })));

        Assert.InRange(most, 1, 10 * Step);
        Assert.True(_all.Begin().TryGrowTo(10 * Step));
    }

    private static Caller Person() => new(UserId.New(DateTimeOffset.UnixEpoch), Given.Address());

    private static void InterlockedMax(ref long most, long now)
    {
        long seen;
        while ((seen = Interlocked.Read(ref most)) < now) Interlocked.CompareExchange(ref most, now, seen);
    }
}
