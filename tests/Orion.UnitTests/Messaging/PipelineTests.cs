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
    private readonly ApplicationHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Rules_come_before_the_named_user()
    {
        var outcome = await _host.Send(new CreateSession(Callers.Ada, SessionTitle.Parse(" "), NamedUser: "bob@example.com"));

        Assert.Equal("validation_failed", outcome.Error?.Code);
        Assert.Empty(_host.Work.ReceivedCalls());
    }

    [Fact]
    public async Task The_named_user_comes_before_the_transaction()
    {
        var outcome = await _host.Send(new CreateSession(Callers.Ada, SessionTitle.Parse("Mine"), NamedUser: "bob@example.com"));

        Assert.Equal("user_mismatch", outcome.Error?.Code);
        Assert.Empty(_host.Work.ReceivedCalls());
        Assert.Empty(_host.Sessions.ReceivedCalls());
    }

    [Fact]
    public async Task Every_request_that_names_a_user_is_checked()
    {
        var id = SessionId.New(Given.Now);
        var list = Given.Sessions;

        Error?[] errors =
        [
            (await _host.Send(new ListSessions(Callers.Ada, list, 1, null, "bob@example.com"))).Error,
            (await _host.Send(new ListMessages(Callers.Ada, new(id, default), 1, null, "bob@example.com"))).Error,
            (await _host.Send(new AppendMessage(Callers.Ada, id, MessageRole.User, Given.Content("x"), null, "bob@example.com"))).Error,
            (await _host.Send(new DeleteSession(Callers.Ada, id, ExpectedVersions.Any, "bob@example.com"))).Error,
        ];

        Assert.All(errors, error => Assert.Equal(RequestErrors.UserMismatch, error));
        Assert.Empty(_host.Sessions.ReceivedCalls());
    }

    [Fact]
    public async Task A_command_is_handled_within_its_transaction_and_saved()
    {
        var outcome = await _host.Send(new CreateSession(Callers.Ada, SessionTitle.Parse("Mine"), NamedUser: "ada@example.com"));

        Assert.Null(outcome.Error);
        Received.InOrder(() =>
        {
            _host.Work.Begin(Arg.Any<Caller?>(), Arg.Any<CancellationToken>());
            _host.Sessions.Add(Arg.Any<Session>(), Callers.Ada);
            _host.Changes.Save(Arg.Any<CancellationToken>());
            _host.Changes.DisposeAsync().AsTask();
        });
    }

    [Fact]
    public async Task A_failed_command_saves_nothing()
    {
        var outcome = await _host.Send(new DeleteSession(Callers.Ada, SessionId.New(Given.Now), ExpectedVersions.Any));

        Assert.Equal(SessionErrors.NotFound, outcome.Error);
        await _host.Changes.DidNotReceiveWithAnyArgs().Save(TestContext.Current.CancellationToken);
        await _host.Changes.Received(1).DisposeAsync();
    }

    [Fact]
    public async Task A_query_begins_no_transaction()
    {
        await _host.Send(new GetSession(Callers.Ada, SessionId.New(Given.Now)));
        await _host.Send(new GetMe(Callers.Ada));
        await _host.Send(new AuthenticateCaller(Callers.Ada.Email, Given.Now, null));

        Assert.Empty(_host.Work.ReceivedCalls());
    }

    [Fact]
    public async Task A_command_without_a_caller_is_saved_too()
    {
        _host.Users.ListForUpdate(Arg.Any<CancellationToken>()).Returns(new List<AuthorizedUser>());

        Assert.Null((await _host.Send(new SyncConfiguredOwner(Callers.Ada.Email))).Error);

        await _host.Changes.Received(1).Save(Arg.Any<CancellationToken>());
    }
}
