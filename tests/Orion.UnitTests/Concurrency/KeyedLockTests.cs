using Microsoft.Extensions.Time.Testing;
using Orion.Application.Concurrency;

namespace Orion.UnitTests.Concurrency;

public sealed class KeyedLockTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _clock = new();
    private readonly KeyedLock<string> _lock;

    public KeyedLockTests() => _lock = new KeyedLock<string>(_clock);

    [Fact]
    public async Task Waiters_acquire_the_lock_in_the_order_of_their_arrival()
    {
        var first = (await Acquire())!;
        var waiting = Enumerable.Range(0, 5).Select(_ => Acquire()).ToList();
        first.Dispose();

        foreach (var next in waiting)
        {
            var held = (await next)!;
            Assert.DoesNotContain(waiting.SkipWhile(other => other != next).Skip(1), other => other.IsCompleted);
            held.Dispose();
        }
    }

    [Fact]
    public async Task Under_any_concurrency_one_at_a_time_holds_the_lock()
    {
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            using var held = await Acquire();
            most = Math.Max(most, ++inside);
            await Task.Yield();
            inside--;
        })));

        Assert.Equal((1, 0), (most, inside));
    }

    [Fact]
    public async Task Locks_of_different_keys_are_independent()
    {
        using var first = await Acquire();

        Assert.True(Acquire("other").IsCompletedSuccessfully);
    }

    [Fact]
    public async Task After_its_timeout_a_waiter_gets_no_lock_and_the_next_ones_still_wait_for_the_holder()
    {
        var first = await Acquire();
        var second = Acquire();
        _clock.Advance(Timeout / 2);
        var third = Acquire();
        _clock.Advance(Timeout / 2);

        Assert.Null(await second);
        Assert.False(third.IsCompleted);
        first!.Dispose();
        Assert.NotNull(await third);
    }

    [Fact]
    public async Task A_cancelled_waiter_leaves_the_lock_to_the_next_one()
    {
        var first = await Acquire();
        using var cancellation = new CancellationTokenSource();
        var second = _lock.Acquire("key", Timeout, cancellation.Token);
        var third = Acquire();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        first!.Dispose();
        Assert.NotNull(await third);
    }

    private Task<IDisposable?> Acquire(string key = "key") => _lock.Acquire(key, Timeout, Ct);
}
