using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Availability;
using Orion.Application.Messaging;

namespace Orion.UnitTests.Messaging;

/// <summary>What happens while a request is about to be given up.</summary>
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
    public void What_ends_in_the_moment_in_which_patience_ends_is_answered()
    {
        _database.Check().Returns(true);
        var before = SynchronizationContext.Current;
        var latestFirst = new LatestFirst();
        SynchronizationContext.SetSynchronizationContext(latestFirst);
        try
        {
            var sending = Send();
            // From outside of the context, so that what is to go on is posted and not run on the spot.
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

    // Npgsql's is such a one: it opens a connection and sends the cancel request before it comes back.
    [Fact]
    public async Task A_cancellation_that_takes_long_holds_nobody()
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
    public async Task A_cancellation_that_fails_is_of_no_interest()
    {
        _database.Check().Returns(false);
        _onCancelled = () => throw new InvalidOperationException("The driver's own affair.");
        var sending = Send();

        _clock.Advance(Timeout);

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => sending.WaitAsync(TimeSpan.FromSeconds(20), Ct));
    }

    private Task<int> Send() =>
        new Dispatcher(_services.GetRequiredService<IServiceScopeFactory>(), _database, _clock).Send(new DispatcherTests.Work(), Ct);

    /// <summary>Runs what is posted in the unlucky order.</summary>
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
