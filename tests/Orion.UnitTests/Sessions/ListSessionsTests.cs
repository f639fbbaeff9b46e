using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class ListSessionsTests
{
    private static readonly SessionList List = new(SessionSort.UpdatedAt, SortOrder.Descending, ArchivedFilter.Exclude, null, null);

    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly Session _first = Callers.SessionOf(Callers.Ada, "One");
    private readonly Session _last = Callers.SessionOf(Callers.Ada, "Two");
    private PageRequest<SessionPosition>? _asked;

    [Theory]
    [InlineData(PageEnd.Limit)]
    [InlineData(PageEnd.Size)]
    public async Task The_cursor_of_a_page_leads_behind_its_last_session(PageEnd end)
    {
        Holds(end, _first, _last);

        var page = (await Read(List)).Value;
        Assert.Equal(["One", "Two"], page.Sessions.Select(session => session.Title));
        Assert.Equal(end, page.End);
        Assert.Null(_asked!.After);

        await Read(List, page.NextCursor);
        Assert.Equal(new SessionPosition(_last.UpdatedAt, _last.Id), _asked.After);
        Assert.Equal(2, _asked.Limit);
    }

    [Fact]
    public async Task A_list_by_creation_goes_on_at_the_creation()
    {
        var byCreation = List with { Sort = SessionSort.CreatedAt };
        _last.Rename(Given.Called("Three"), Given.Now.AddDays(1));
        Holds(PageEnd.Limit, _first, _last);

        await Read(byCreation, (await Read(byCreation)).Value.NextCursor);

        Assert.Equal(new SessionPosition(_last.CreatedAt, _last.Id), _asked!.After);
    }

    [Fact]
    public async Task The_last_page_has_no_cursor()
    {
        Holds(PageEnd.Complete, _first);

        Assert.Null((await Read(List)).Value.NextCursor);
    }

    [Fact]
    public async Task Without_sessions_the_page_is_empty()
    {
        Holds(PageEnd.Complete);

        var empty = (await Read(List)).Value;
        Assert.Empty(empty.Sessions);
        Assert.Null(empty.NextCursor);
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_invalid_and_reads_nothing()
    {
        Holds(PageEnd.Limit, _first);
        var cursor = (await Read(List)).Value.NextCursor;
        _sessions.ClearReceivedCalls();

        foreach (var other in new[]
        {
            List with { Sort = SessionSort.CreatedAt },
            List with { Order = SortOrder.Ascending },
            List with { Archived = ArchivedFilter.Any },
            List with { Archived = ArchivedFilter.Only },
            List with { From = Given.Now },
            List with { To = Given.Now },
        })
        {
            Assert.Equal(RequestErrors.InvalidCursor, (await Read(other, cursor)).Error);
        }

        Assert.Empty(_sessions.ReceivedCalls());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1")]
    [InlineData("!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_malformed_cursor_is_invalid_and_never_a_silent_first_page(string cursor)
    {
        Holds(PageEnd.Complete, _first);

        Assert.Equal(RequestErrors.InvalidCursor, (await Read(List, cursor)).Error);
        Assert.Empty(_sessions.ReceivedCalls());
    }

    [Fact]
    public async Task A_cursor_longer_than_256_characters_is_invalid() =>
        Assert.Equal(RequestErrors.InvalidCursor, (await Read(List, new string('A', 257))).Error);

    private void Holds(PageEnd end, params Session[] items)
    {
        _sessions.List(default!, default!, default!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
        {
            Assert.Equal(Callers.Ada, call.Arg<Caller>());
            _asked = call.Arg<PageRequest<SessionPosition>>();
            return new Page<Session>(items, end);
        });
        _sessions.ClearReceivedCalls();
    }

    private Task<Result<SessionPage>> Read(SessionList list, string? cursor = null) =>
        new ListSessionsHandler(_sessions).Handle(new(Callers.Ada, list, 2, cursor), TestContext.Current.CancellationToken);
}
