using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class CreateSessionTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly FakeTimeProvider _clock = new(Given.Now.AddTicks(7));

    [Fact]
    public async Task A_session_is_added_for_its_caller_and_shown()
    {
        var view = await Create(new(Callers.Ada, Given.Called("Stars"), null, Given.Kept("{\"a\":1}")));

        _sessions.Received(1).Add(Arg.Is<Session>(added => added.OwnerId == Callers.Ada.Id && added.Id.Value == view.SessionId), Callers.Ada);
        _sessions.DidNotReceiveWithAnyArgs().Add(default(Message)!, default!);
        Assert.Equal("ada@example.com", view.UserId);
        Assert.Equal("Stars", view.Title);
        Assert.Equal("{\"a\":1}", view.Metadata.Json);
        Assert.Equal((0, "", ""), (view.MessageCount, view.FirstMessage, view.LastMessage));
        Assert.Equal(1, view.Version);
        Assert.Null(view.ArchivedAt);
    }

    [Fact]
    public async Task Its_times_are_the_clocks_cut_to_microseconds()
    {
        var view = await Create(new(Callers.Ada));

        Assert.Equal(Given.Now, view.CreatedAt);
        Assert.Equal(Given.Now, view.UpdatedAt);
    }

    [Fact]
    public async Task Without_anything_it_is_an_empty_New_Chat()
    {
        var view = await Create(new(Callers.Ada));

        Assert.Equal("New Chat", view.Title);
        Assert.Equal("{}", view.Metadata.Json);
    }

    [Fact]
    public async Task The_first_message_is_stored_as_message_1_of_the_user_and_names_the_session()
    {
        var view = await Create(new(Callers.Ada, null, Given.Said("  Hello  ")));

        _sessions.Received(1).Add(
            Arg.Is<Message>(added => added.Sequence == 1
                && added.Role == MessageRole.User
                && added.Content.Value == "  Hello  "
                && added.OwnerId == Callers.Ada.Id
                && added.SessionId.Value == view.SessionId),
            Callers.Ada);
        Assert.Equal("Hello", view.Title);
        Assert.Equal((1, "  Hello  ", "  Hello  "), (view.MessageCount, view.FirstMessage, view.LastMessage));
        Assert.Equal(1, view.Version);
    }

    [Fact]
    public async Task A_given_title_stays_beside_a_first_message()
    {
        var view = await Create(new(Callers.Ada, Given.Called("New Chat"), Given.Said("Hello")));

        Assert.Equal("New Chat", view.Title);
        Assert.Equal("Hello", view.FirstMessage);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\r\n\t\u3000")]
    public async Task A_blank_first_message_is_absent(string? blank)
    {
        var view = await Create(new(Callers.Ada, null, blank is null ? null : MessageContent.ParseOptional(blank)));

        _sessions.DidNotReceiveWithAnyArgs().Add(default(Message)!, default!);
        Assert.Equal((0, "", "New Chat"), (view.MessageCount, view.FirstMessage, view.Title));
    }

    private async Task<SessionView> Create(CreateSession command) =>
        (await new CreateSessionHandler(_sessions, _clock).Handle(command, TestContext.Current.CancellationToken)).Value.Value;
}
