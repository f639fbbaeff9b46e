using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messages;

public sealed class ListMessagesTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly Session _session = Callers.SessionOf(Callers.Ada);
    private readonly MessageList _list;
    private PageRequest<int>? _asked;

    public ListMessagesTests() => _list = new(_session.Id, SortOrder.Ascending);

    [Theory]
    [InlineData(PageEnd.Limit)]
    [InlineData(PageEnd.Size)]
    public async Task The_cursor_of_a_page_leads_behind_its_last_message(PageEnd end)
    {
        Holds(end, _session.Append("one"), _session.Append("two"));

        var page = (await Read(_list)).Value;
        Assert.Equal(["one", "two"], page.Messages.Select(message => message.Content));
        Assert.Null(_asked!.After);

        await Read(_list, page.NextCursor);
        Assert.Equal(2, _asked.After);
    }

    [Fact]
    public async Task The_last_page_has_no_cursor()
    {
        Holds(PageEnd.Complete, _session.Append("one"));

        Assert.Null((await Read(_list)).Value.NextCursor);
    }

    [Fact]
    public async Task A_session_without_messages_is_an_empty_page()
    {
        Holds(PageEnd.Complete);

        var page = (await Read(_list)).Value;
        Assert.Empty(page.Messages);
        Assert.Equal(PageEnd.Complete, page.End);
    }

    [Fact]
    public async Task Without_a_limit_as_many_are_asked_for_as_there_are()
    {
        Holds(PageEnd.Complete);

        await Read(_list, limit: null);
        Assert.Equal(int.MaxValue, _asked!.Limit);

        await Read(_list, limit: 3);
        Assert.Equal(3, _asked.Limit);
    }

    [Fact]
    public async Task A_session_that_is_not_there_is_not_found()
    {
        _sessions.ListMessages(default!, default!, default!, TestContext.Current.CancellationToken).ReturnsForAnyArgs((Page<Message>?)null);

        Assert.Equal(SessionErrors.NotFound, (await Read(_list)).Error);
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_invalid_and_reads_nothing()
    {
        Holds(PageEnd.Limit, _session.Append("one"));
        var cursor = (await Read(_list)).Value.NextCursor;
        _sessions.ClearReceivedCalls();

        Assert.Equal(RequestErrors.InvalidCursor, (await Read(_list with { Order = SortOrder.Descending }, cursor)).Error);
        Assert.Equal(RequestErrors.InvalidCursor, (await Read(_list with { Session = SessionId.New(Given.Now) }, cursor)).Error);
        Assert.Empty(_sessions.ReceivedCalls());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_malformed_cursor_is_invalid_and_never_a_silent_first_page(string cursor)
    {
        Holds(PageEnd.Complete);

        Assert.Equal(RequestErrors.InvalidCursor, (await Read(_list, cursor)).Error);
        Assert.Empty(_sessions.ReceivedCalls());
    }

    private void Holds(PageEnd end, params Message[] items)
    {
        _sessions.ListMessages(default!, default!, default!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
        {
            Assert.Equal(Callers.Ada, call.Arg<Caller>());
            _asked = call.Arg<PageRequest<int>>();
            return new Page<Message>(items, end);
        });
        _sessions.ClearReceivedCalls();
    }

    private Task<Result<MessagePage>> Read(MessageList list, string? cursor = null, int? limit = 2) =>
        new ListMessagesHandler(_sessions).Handle(new(Callers.Ada, list, limit, cursor), TestContext.Current.CancellationToken);
}
