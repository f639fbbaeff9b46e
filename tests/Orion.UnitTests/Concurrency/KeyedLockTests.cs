using Microsoft.Extensions.Time.Testing;
using Orion.Application.Concurrency;

namespace Orion.UnitTests.Concurrency;

public sealed class KeyedLockTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _clock = new();
    private readonly KeyedLock<string> _turns;

    public KeyedLockTests() => _turns = new KeyedLock<string>(_clock);

    [Fact]
    public async Task Turns_come_in_the_order_in_which_they_were_asked_for()
    {
        var first = (await Wait())!;
        var waiting = Enumerable.Range(0, 5).Select(_ => Wait()).ToList();
        first.Dispose();

        foreach (var next in waiting)
        {
            var turn = (await next)!;
            Assert.DoesNotContain(waiting.SkipWhile(other => other != next).Skip(1), other => other.IsCompleted);
            turn.Dispose();
        }
    }

    [Fact]
    public async Task Under_any_concurrency_one_at_a_time_has_the_turn()
    {
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            using var turn = await Wait();
            most = Math.Max(most, ++inside);
            await Task.Yield();
            inside--;
        })));

        Assert.Equal((1, 0), (most, inside));
    }

    [Fact]
    public async Task Another_thing_is_not_waited_for()
    {
        using var first = await Wait();

        Assert.True(Wait("other").IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_waits_too_long_gets_none_and_those_behind_go_on_waiting_for_the_one_before()
    {
        var first = await Wait();
        var second = Wait();
        _clock.Advance(Timeout / 2);
        var third = Wait();
        _clock.Advance(Timeout / 2);

        Assert.Null(await second);
        Assert.False(third.IsCompleted);
        first!.Dispose();
        Assert.NotNull(await third);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_turn_to_those_behind()
    {
        var first = await Wait();
        using var gone = new CancellationTokenSource();
        var second = _turns.Wait("key", Timeout, gone.Token);
        var third = Wait();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        first!.Dispose();
        Assert.NotNull(await third);
    }

    private Task<IDisposable?> Wait(string key = "key") => _turns.Wait(key, Timeout, Ct);
}
