using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.UnitTests.Messaging;

public sealed class PipelineTests : IDisposable
{
    private readonly ApplicationHouse _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task Rules_come_before_the_named_user()
    {
        var outcome = await _house.Send(new CreateSession(People.Ada, " ", null, null, "bob@example.com"));

        Assert.Equal("validation_failed", outcome.Error?.Code);
        Assert.Empty(_house.Work.ReceivedCalls());
    }

    [Fact]
    public async Task The_named_user_comes_before_the_transaction()
    {
        var outcome = await _house.Send(new CreateSession(People.Ada, "Mine", null, null, "bob@example.com"));

        Assert.Equal("user_mismatch", outcome.Error?.Code);
        Assert.Empty(_house.Work.ReceivedCalls());
        Assert.Empty(_house.Sessions.ReceivedCalls());
    }

    [Fact]
    public async Task Every_request_that_names_a_user_is_asked_whom()
    {
        var id = SessionId.New(Given.Now);
        var list = new SessionList(default, default, default, null, null);

        Error?[] errors =
        [
            (await _house.Send(new ListSessions(People.Ada, list, 1, null, "bob@example.com"))).Error,
            (await _house.Send(new ListMessages(People.Ada, new(id, default), 1, null, "bob@example.com"))).Error,
            (await _house.Send(new AppendMessage(People.Ada, id, "user", "x", null, "bob@example.com"))).Error,
            (await _house.Send(new DeleteSession(People.Ada, id, ExpectedVersions.Any, "bob@example.com"))).Error,
        ];

        Assert.All(errors, error => Assert.Equal(RequestErrors.UserMismatch, error));
        Assert.Empty(_house.Sessions.ReceivedCalls());
    }

    [Fact]
    public async Task A_command_is_handled_within_its_transaction_and_saved()
    {
        var outcome = await _house.Send(new CreateSession(People.Ada, "Mine", null, null, "ada@example.com"));

        Assert.Null(outcome.Error);
        Received.InOrder(() =>
        {
            _house.Work.Begin(Arg.Any<Caller?>(), Arg.Any<CancellationToken>());
            _house.Sessions.Add(Arg.Any<Session>(), People.Ada);
            _house.Changes.Save(Arg.Any<CancellationToken>());
            _house.Changes.DisposeAsync().AsTask();
        });
    }

    [Fact]
    public async Task A_refused_command_saves_nothing()
    {
        var outcome = await _house.Send(new DeleteSession(People.Ada, SessionId.New(Given.Now), ExpectedVersions.Any));

        Assert.Equal(SessionErrors.NotFound, outcome.Error);
        await _house.Changes.DidNotReceiveWithAnyArgs().Save(TestContext.Current.CancellationToken);
        await _house.Changes.Received(1).DisposeAsync();
    }

    [Fact]
    public async Task A_query_begins_no_transaction()
    {
        await _house.Send(new GetSession(People.Ada, SessionId.New(Given.Now)));
        await _house.Send(new GetMe(People.Ada));
        await _house.Send(new AuthenticateCaller(People.Ada.Email, Given.Now, null));

        Assert.Empty(_house.Work.ReceivedCalls());
    }

    [Fact]
    public async Task A_command_of_nobody_is_saved_too()
    {
        _house.Users.ListForUpdate(Arg.Any<CancellationToken>()).Returns(new List<AuthorizedUser>());

        Assert.Null((await _house.Send(new SyncConfiguredOwner(People.Ada.Email))).Error);

        await _house.Changes.Received(1).Save(Arg.Any<CancellationToken>());
    }
}
