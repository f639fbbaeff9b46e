using Microsoft.Extensions.Time.Testing;
using Orion.Application.Idempotency;

namespace Orion.UnitTests.Idempotency;

public sealed class InFlightRequestsTests
{
    private static readonly IdempotencyKey Key = new("key", "POST", "/api/sessions", [1]);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _clock = new();
    private readonly InFlightRequests _running;

    public InFlightRequestsTests() => _running = new InFlightRequests(_clock);

    [Fact]
    public async Task Only_the_same_key_of_the_same_user_on_the_same_method_and_path_is_waited_for()
    {
        using var first = await _running.Enter(Key, Callers.Ada, Ct);

        foreach (var other in (IdempotencyKey[])[Key with { Key = "Key" }, Key with { Method = "PUT" }, Key with { Path = "/api/sessions/create" }])
            Assert.True(_running.Enter(other, Callers.Ada, Ct).IsCompletedSuccessfully);
        Assert.True(_running.Enter(Key, Callers.Bob, Ct).IsCompletedSuccessfully);
        Assert.False(_running.Enter(Key with { BodyHash = [2] }, Callers.Ada, Ct).IsCompleted);
    }

    [Fact]
    public async Task Waiting_requests_enter_one_after_the_other()
    {
        var first = await _running.Enter(Key, Callers.Ada, Ct);
        var waiting = new[] { _running.Enter(Key, Callers.Ada, Ct), _running.Enter(Key, Callers.Ada, Ct) };
        first!.Dispose();

        var second = await Task.WhenAny(waiting);
        var third = waiting.Single(other => other != second);
        Assert.NotNull(await second);
        await Task.Delay(20, Ct);
        Assert.False(third.IsCompleted);
        (await second)!.Dispose();
        Assert.NotNull(await third);
        (await third)!.Dispose();
        Assert.True(_running.Enter(Key, Callers.Ada, Ct).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task After_2_seconds_a_wait_ends()
    {
        using var first = await _running.Enter(Key, Callers.Ada, Ct);
        var second = _running.Enter(Key, Callers.Ada, Ct);
        _clock.Advance(InFlightRequests.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(second.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Null(await second);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_key_to_the_first_request()
    {
        using var first = await _running.Enter(Key, Callers.Ada, Ct);
        using var cancellation = new CancellationTokenSource();
        var second = _running.Enter(Key, Callers.Ada, cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(_running.Enter(Key, Callers.Ada, Ct).IsCompleted);
    }
}
