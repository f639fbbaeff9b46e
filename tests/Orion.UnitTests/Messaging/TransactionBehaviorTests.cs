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
    public async Task A_success_is_saved_once_after_it_was_handled_and_before_it_is_over()
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
    public async Task A_refusal_is_not_saved_and_taken_back()
    {
        Assert.Equal(SessionErrors.Archived, (await Send(() => SessionErrors.Archived)).Error);

        await AssertTakenBack();
    }

    [Fact]
    public async Task A_token_that_was_revoked_meanwhile_refuses_a_success_and_hides_another_refusal()
    {
        _changes.Save(Arg.Any<CancellationToken>()).Returns(UserErrors.TokenRevoked);
        _changes.Discard(Arg.Any<CancellationToken>()).Returns(UserErrors.NotAuthorized);

        Assert.Equal(UserErrors.TokenRevoked, (await Send(() => Result.Success)).Error);
        Assert.Equal(UserErrors.NotAuthorized, (await Send(() => SessionErrors.Archived)).Error);
    }

    [Fact]
    public async Task What_ends_in_an_exception_is_not_saved_and_taken_back()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Send(() => throw new InvalidOperationException()));

        await AssertTakenBack();
    }

    [Fact]
    public async Task A_save_that_fails_is_an_exception_and_taken_back()
    {
        _changes.Save(Arg.Any<CancellationToken>()).ThrowsAsync(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => Send(() => Result.Success));

        await _changes.Received(1).DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_handled_where_no_transaction_begins()
    {
        _work.Begin(Arg.Any<Caller?>(), Arg.Any<CancellationToken>()).ThrowsAsync(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => Send(() => Result.Success));

        Assert.False(_isHandled);
    }

    private async Task AssertTakenBack()
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
