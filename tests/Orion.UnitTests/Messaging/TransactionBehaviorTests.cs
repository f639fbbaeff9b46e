using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messaging;

public sealed class TransactionBehaviorTests
{
    private readonly IUnitOfWork _work = Substitute.For<IUnitOfWork>();
    private readonly ITransaction _changes = Substitute.For<ITransaction>();
    private bool _isHandled;

    public TransactionBehaviorTests() => _work.Begin(Arg.Any<Caller?>(), Arg.Any<CancellationToken>()).Returns(_changes);

    [Fact]
    public async Task A_success_is_saved_once_after_its_handler()
    {
        _changes.When(changes => changes.Save(Arg.Any<CancellationToken>())).Do(_ => Assert.True(_isHandled));

        Assert.Null((await Send(() => Result.Success)).Error);

        Received.InOrder(() =>
        {
            _work.Begin(Callers.Ada, TestContext.Current.CancellationToken);
            _changes.Save(TestContext.Current.CancellationToken);
            _changes.DisposeAsync().AsTask();
        });
        await _changes.Received(1).Save(Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_failed_result_is_not_saved_and_rolled_back()
    {
        Assert.Equal(SessionErrors.Archived, (await Send(() => SessionErrors.Archived)).Error);

        await AssertRolledBack();
    }

    [Fact]
    public async Task A_token_that_was_revoked_meanwhile_rejects_a_success_and_hides_another_error()
    {
        _changes.Save(Arg.Any<CancellationToken>()).Returns(UserErrors.TokenRevoked);
        _changes.Discard(Arg.Any<CancellationToken>()).Returns(UserErrors.NotAuthorized);

        Assert.Equal(UserErrors.TokenRevoked, (await Send(() => Result.Success)).Error);
        Assert.Equal(UserErrors.NotAuthorized, (await Send(() => SessionErrors.Archived)).Error);
    }

    [Fact]
    public async Task An_exception_is_not_saved_and_rolled_back()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Send(() => throw new InvalidOperationException()));

        await AssertRolledBack();
    }

    [Fact]
    public async Task A_failed_save_is_an_exception_and_rolled_back()
    {
        _changes.Save(Arg.Any<CancellationToken>()).ThrowsAsync(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => Send(() => Result.Success));

        await _changes.Received(1).DisposeAsync();
    }

    [Fact]
    public async Task Without_a_transaction_the_handler_does_not_run()
    {
        _work.Begin(Arg.Any<Caller?>(), Arg.Any<CancellationToken>()).ThrowsAsync(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => Send(() => Result.Success));

        Assert.False(_isHandled);
    }

    private async Task AssertRolledBack()
    {
        await _changes.DidNotReceiveWithAnyArgs().Save(TestContext.Current.CancellationToken);
        await _changes.Received(1).DisposeAsync();
    }

    private Task<Result> Send(Func<Result> handle) => new TransactionBehavior<DeleteSession, Result>(_work).Handle(
        new(Callers.Ada, SessionId.New(Given.Now), ExpectedVersions.Any),
        TestContext.Current.CancellationToken,
        async () =>
        {
            await Task.Yield();
            _isHandled = true;
            return handle();
        });
}
