using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Availability;
using Orion.Application.Messaging;

namespace Orion.UnitTests.Messaging;

public sealed class DispatcherTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);

    private readonly IDatabaseHealth _database = Substitute.For<IDatabaseHealth>();
    private readonly IMediator _mediator = Substitute.For<IMediator>();
    private readonly FakeTimeProvider _clock = new(Given.Now);
    private readonly TaskCompletionSource<int> _work = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _scopeEnds = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _caller = new();
    private readonly ServiceProvider _services;
    private CancellationToken _token;
    private int _checks;

    public DispatcherTests()
    {
        _mediator.Send(Arg.Any<Work>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            _token = call.Arg<CancellationToken>();
            return _work.Task;
        });
        _services = new ServiceCollection()
            .AddScoped(_ => new Scoped(_scopeEnds))
            .AddScoped(provider =>
            {
                provider.GetRequiredService<Scoped>();
                return _mediator;
            })
            .BuildServiceProvider();
    }

    public void Dispose()
    {
        _caller.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task While_the_database_is_unavailable_a_request_is_rejected_at_once_and_not_started()
    {
        _database.IsUnavailable.Returns(true);

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => Send());

        Assert.Empty(_mediator.ReceivedCalls());
        Assert.Equal(0, _checks);
    }

    [Fact]
    public async Task A_request_that_completes_at_once_returns_without_a_check()
    {
        _work.SetResult(7);

        Assert.Equal(7, await Send());
        Assert.True(_scopeEnds.Task.IsCompleted);
        _database.DidNotReceive().ReportFailure(Arg.Any<Exception>());
        await _database.DidNotReceive().Check();
    }

    [Fact]
    public async Task A_request_that_completes_within_400_milliseconds_returns_without_a_check()
    {
        var sending = Send();
        _clock.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        _work.SetResult(7);

        Assert.Equal(7, await sending);
        _database.DidNotReceive().ReportFailure(Arg.Any<Exception>());
        await _database.DidNotReceive().Check();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_retryable_request_is_retried_once_in_a_scope_of_its_own(bool worksThen)
    {
        var lost = new InvalidOperationException();
        _database.CanRetry(lost, isRead: true).Returns(true);
        var runs = 0;
        _mediator.Send(Arg.Any<Work>(), Arg.Any<CancellationToken>()).Returns(
            _ => ++runs == 1 || !worksThen ? Task.FromException<int>(lost) : Task.FromResult(_scopeEnds.Task.IsCompleted ? 7 : 0));

        if (worksThen) Assert.Equal(7, await Send());
        else await Assert.ThrowsAsync<InvalidOperationException>(Send);
        Assert.Equal(2, runs);
        _database.Received(1).ReportFailure(lost);
    }

    [Fact]
    public async Task A_request_is_abandoned_if_the_database_does_not_respond()
    {
        DatabaseResponds(false);
        var sending = Send();

        _clock.Advance(Timeout);

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => sending.WaitAsync(TimeSpan.FromSeconds(20), Ct));
        Assert.Equal(1, _checks);
        await Until(() => _token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_long_request_is_waited_for_while_the_database_responds()
    {
        DatabaseResponds(true);
        var sending = Send();

        await AdvanceUntil(() => _checks >= 5);
        Assert.False(sending.IsCompleted);
        Assert.False(_token.IsCancellationRequested);

        _work.SetResult(7);
        Assert.Equal(7, await sending);
    }

    [Fact]
    public async Task A_request_that_completes_during_the_check_returns_its_result()
    {
        var check = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _database.Check().Returns(_ =>
        {
            Interlocked.Increment(ref _checks);
            return check.Task;
        });
        var sending = Send();
        await AdvanceUntil(() => _checks == 1);

        _work.SetResult(7);
        await _scopeEnds.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        check.SetResult(false);

        Assert.Equal(7, await sending);
    }

    [Fact]
    public async Task A_check_that_takes_longer_than_a_second_counts_as_failed()
    {
        _database.Check().Returns(_ =>
        {
            Interlocked.Increment(ref _checks);
            return new TaskCompletionSource<bool>().Task;
        });
        var sending = Send();

        await AdvanceUntil(() => sending.IsCompleted);

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => sending);
        Assert.Equal(1, _checks);
        Assert.False(_scopeEnds.Task.IsCompleted);
    }

    [Fact]
    public async Task The_scope_of_an_abandoned_request_ends_with_its_work()
    {
        DatabaseResponds(false);
        var sending = Send();
        await AdvanceUntil(() => sending.IsCompleted);
        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => sending);
        Assert.False(_scopeEnds.Task.IsCompleted);

        _work.SetException(new InvalidOperationException("Too late."));

        await _scopeEnds.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
    }

    [Fact]
    public async Task A_cancelled_caller_returns_at_once_and_the_work_is_cancelled_in_its_scope()
    {
        var sending = Send();

        await _caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.True(_token.IsCancellationRequested);
        Assert.False(_scopeEnds.Task.IsCompleted);

        _work.SetResult(7);
        await _scopeEnds.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
    }

    [Fact]
    public async Task A_database_that_is_lost_during_a_request_is_unavailable_and_is_checked()
    {
        var loss = new InvalidOperationException("Broken pipe.");
        _database.IsTransientError(loss).Returns(true);
        _work.SetException(loss);

        var thrown = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => Send());

        Assert.Same(loss, thrown.InnerException);
        _database.Received(1).ReportFailure(loss);
        Assert.True(_scopeEnds.Task.IsCompleted);
    }

    [Fact]
    public async Task Any_other_exception_is_not_wrapped()
    {
        var fault = new TimeoutException("Not the database's.");
        var sending = Send();
        _work.SetException(fault);

        Assert.Same(fault, await Assert.ThrowsAsync<TimeoutException>(() => sending));
        _database.DidNotReceive().ReportFailure(Arg.Any<Exception>());
        await _database.DidNotReceive().Check();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Task<int> Send() =>
        new Dispatcher(_services.GetRequiredService<IServiceScopeFactory>(), _database, _clock).Send(new Work(), _caller.Token);

    private void DatabaseResponds(bool responds) => _database.Check().Returns(_ =>
    {
        Interlocked.Increment(ref _checks);
        return responds;
    });

    // Timers are created on other threads, so the clock is advanced until the condition holds.
    private Task AdvanceUntil(Func<bool> happened) => Until(() =>
    {
        if (happened()) return true;
        _clock.Advance(Timeout);
        return happened();
    });

    private static async Task Until(Func<bool> happened)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!happened()) await Task.Delay(5, limit.Token);
    }

    public sealed record Work : IRequest<int>;

    private sealed class Scoped(TaskCompletionSource ends) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            ends.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
