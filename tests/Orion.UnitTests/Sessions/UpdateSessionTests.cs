using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class UpdateSessionTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly FakeTimeProvider _clock = new(Given.Now.AddMinutes(1));
    private readonly Session _session = Callers.SessionOf(Callers.Ada, "Stars");

    public UpdateSessionTests() =>
        _sessions.FindForUpdate(_session.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_session);

    [Fact]
    public async Task What_is_given_is_replaced_and_the_version_grows_once()
    {
        var view = (await Change(new(Callers.Ada, _session.Id, ExpectedVersions.Any, Given.Called("Planets"), true, Given.Kept("{\"a\":1}")))).Value;

        Assert.Equal(("Planets", "{\"a\":1}", 2L), (view.Title, view.Metadata.Json, view.Version));
        Assert.Equal(Given.Now.AddMinutes(1), view.ArchivedAt);
        Assert.Equal(Given.Now.AddMinutes(1), view.UpdatedAt);
        Assert.Equal(Given.Now, view.CreatedAt);
    }

    [Fact]
    public async Task What_is_not_given_stays()
    {
        _session.ReplaceMetadata(Given.Kept("{\"a\":1}"), Given.Now);
        _session.Archive(Given.Now);
        _session.Stored();

        var view = (await Change(new(Callers.Ada, _session.Id, ExpectedVersions.Any, Given.Called("Planets"), null, null))).Value;

        Assert.Equal(("Planets", "{\"a\":1}"), (view.Title, view.Metadata.Json));
        Assert.Equal(Given.Now, view.ArchivedAt);
    }

    [Fact]
    public async Task A_change_that_changes_nothing_changes_nothing()
    {
        foreach (var command in new UpdateSession[]
        {
            new(Callers.Ada, _session.Id, ExpectedVersions.Any, null, null, null),
            new(Callers.Ada, _session.Id, ExpectedVersions.Any, Given.Called("Stars"), false, Given.Kept("{}")),
        })
        {
            var view = (await Change(command)).Value;
            Assert.Equal(1, view.Version);
            Assert.Equal(Given.Now, view.UpdatedAt);
        }
    }

    [Fact]
    public async Task A_session_can_be_taken_out_of_the_archive()
    {
        _session.Archive(Given.Now);
        _session.Stored();

        var view = (await Change(new(Callers.Ada, _session.Id, ExpectedVersions.Any, null, false, null))).Value;

        Assert.Null(view.ArchivedAt);
        Assert.Equal(3, view.Version);
    }

    [Fact]
    public async Task A_session_that_is_not_the_callers_is_not_found() =>
        Assert.Equal(SessionErrors.NotFound, (await Change(new(Callers.Bob, _session.Id, ExpectedVersions.Any, Given.Called("Mine"), null, null))).Error);

    [Fact]
    public async Task A_change_meant_for_another_version_is_refused_and_leaves_no_trace()
    {
        var outcome = await Change(new(Callers.Ada, _session.Id, new([2L, 7L]), Given.Called("Planets"), true, Given.Kept("{\"a\":1}")));

        Assert.Equal(SessionErrors.VersionMismatch, outcome.Error);
        Assert.Equal(("Stars", "{}", 1L), (_session.DisplayTitle.Value, _session.Metadata.Json, _session.Version));
        Assert.Null(_session.ArchivedAt);
    }

    [Fact]
    public async Task A_condition_that_could_not_be_read_matches_no_version() =>
        Assert.Equal(
            SessionErrors.VersionMismatch,
            (await Change(new(Callers.Ada, _session.Id, new(Array.Empty<long>()), Given.Called("Planets"), null, null))).Error);

    [Fact]
    public async Task One_of_the_versions_that_are_named_is_enough() =>
        Assert.Equal(2, (await Change(new(Callers.Ada, _session.Id, new([7L, 1L]), Given.Called("Planets"), null, null))).Value.Version);

    [Fact]
    public async Task A_missing_session_is_not_found_before_its_version_counts() =>
        Assert.Equal(SessionErrors.NotFound, (await Change(new(Callers.Bob, _session.Id, new([7L]), Given.Called("Mine"), null, null))).Error);

    private Task<Result<SessionView>> Change(UpdateSession command) =>
        new UpdateSessionHandler(_sessions, _clock).Handle(command, TestContext.Current.CancellationToken);
}
