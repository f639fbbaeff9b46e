using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Availability;
using Orion.Application.Messaging;

namespace Orion.UnitTests.Messaging;

/// <summary>Race conditions at the timeout of a request.</summary>
public sealed class DispatcherRaceTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);

    private readonly IDatabaseHealth _database = Substitute.For<IDatabaseHealth>();
    private readonly IMediator _mediator = Substitute.For<IMediator>();
    private readonly FakeTimeProvider _clock = new(Given.Now);
    private readonly TaskCompletionSource<int> _work = new();
    private readonly ManualResetEventSlim _released = new();
    private readonly ServiceProvider _services;
    private Action _onCancelled = () => { };

    public DispatcherRaceTests()
    {
        _mediator.Send(Arg.Any<DispatcherTests.Work>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            call.Arg<CancellationToken>().Register(() => _onCancelled());
            return _work.Task;
        });
        _services = new ServiceCollection().AddScoped(_ => _mediator).BuildServiceProvider();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _services.Dispose();
        _released.Dispose();
    }

    [Fact]
    public void A_request_that_completes_when_its_timeout_expires_returns_its_result()
    {
        _database.Check().Returns(true);
        var before = SynchronizationContext.Current;
        var latestFirst = new LatestFirst();
        SynchronizationContext.SetSynchronizationContext(latestFirst);
        try
        {
            var sending = Send();
            // From outside of the context, so that the continuation is posted and does not run inline.
            SynchronizationContext.SetSynchronizationContext(null);
            _clock.Advance(Timeout);
            _work.SetResult(7);
            latestFirst.RunAll();

            Assert.Null(sending.Exception);
            Assert.Equal(TaskStatus.RanToCompletion, sending.Status);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    // Npgsql does this: it opens a connection and sends the cancel request before it returns.
    [Fact]
    public async Task A_slow_cancellation_delays_no_request()
    {
        _database.Check().Returns(false);
        _onCancelled = () => _released.Wait(TimeSpan.FromSeconds(30));
        var sending = Send();
        var advancing = Task.Run(() => _clock.Advance(Timeout), Ct);
        try
        {
            await Assert.ThrowsAsync<DatabaseUnavailableException>(() => sending.WaitAsync(TimeSpan.FromSeconds(3), Ct));
        }
        finally
        {
            _released.Set();
            await advancing;
        }
    }

    [Fact]
    public async Task A_failed_cancellation_is_ignored()
    {
        _database.Check().Returns(false);
        _onCancelled = () => throw new InvalidOperationException("The driver's own affair.");
        var sending = Send();

        _clock.Advance(Timeout);

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => sending.WaitAsync(TimeSpan.FromSeconds(20), Ct));
    }

    private Task<int> Send() =>
        new Dispatcher(_services.GetRequiredService<IServiceScopeFactory>(), _database, _clock).Send(new DispatcherTests.Work(), Ct);

    /// <summary>Runs posted continuations in the unfavorable order.</summary>
    private sealed class LatestFirst : SynchronizationContext
    {
        private readonly Stack<(SendOrPostCallback Callback, object? State)> _posted = new();

        public override void Post(SendOrPostCallback d, object? state) => _posted.Push((d, state));

        internal void RunAll()
        {
            while (_posted.TryPop(out var posted)) posted.Callback(posted.State);
        }
    }
}
