using NSubstitute;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class DeleteSessionTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly Session _session = Callers.SessionOf(Callers.Ada);

    public DeleteSessionTests() =>
        _sessions.FindForUpdate(_session.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_session);

    [Fact]
    public async Task A_session_is_removed_by_its_owner()
    {
        Assert.Null((await Delete(new(Callers.Ada, _session.Id, ExpectedVersions.Any))).Error);

        _sessions.Received(1).Remove(_session, Callers.Ada);
    }

    [Fact]
    public async Task A_stranger_cannot_delete_a_session()
    {
        Assert.Equal(SessionErrors.NotFound, (await Delete(new(Callers.Bob, _session.Id, ExpectedVersions.Any))).Error);

        _sessions.DidNotReceiveWithAnyArgs().Remove(default!, default!);
    }

    [Fact]
    public async Task A_deletion_meant_for_another_version_removes_nothing()
    {
        Assert.Equal(SessionErrors.VersionMismatch, (await Delete(new(Callers.Ada, _session.Id, new([2L])))).Error);

        _sessions.DidNotReceiveWithAnyArgs().Remove(default!, default!);
    }

    [Fact]
    public async Task A_deletion_meant_for_this_version_removes_it()
    {
        Assert.Null((await Delete(new(Callers.Ada, _session.Id, new([1L])))).Error);

        _sessions.Received(1).Remove(_session, Callers.Ada);
    }

    [Fact]
    public async Task An_archived_session_can_be_deleted()
    {
        _session.Archive(_session.CreatedAt);

        Assert.Null((await Delete(new(Callers.Ada, _session.Id, ExpectedVersions.Any))).Error);
    }

    private Task<Result> Delete(DeleteSession command) =>
        new DeleteSessionHandler(_sessions).Handle(command, TestContext.Current.CancellationToken);
}
