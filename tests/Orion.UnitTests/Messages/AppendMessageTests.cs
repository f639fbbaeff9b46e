using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messages;

public sealed class AppendMessageTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly FakeTimeProvider _clock = new(Given.Now.AddMinutes(1).AddTicks(3));
    private readonly Session _session = Callers.SessionOf(Callers.Ada);

    public AppendMessageTests() =>
        _sessions.FindForUpdate(_session.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_session);

    [Fact]
    public async Task A_message_is_added_to_its_session_and_shown()
    {
        var view = (await Append(new(Callers.Ada, _session.Id, MessageRole.Assistant, Given.Said(" Hi "), Given.Kept("{\"a\":1}")))).Value;

        _sessions.Received(1).Add(Arg.Is<Message>(added => added.Id.Value == view.Id && added.OwnerId == Callers.Ada.Id), Callers.Ada);
        Assert.Equal(_session.Id.Value, view.SessionId);
        Assert.Equal((1, "assistant", " Hi ", "{\"a\":1}"), (view.Sequence, view.Role, view.Content, view.Metadata.Json));
        Assert.Equal(Given.Now.AddMinutes(1), view.Timestamp);
        Assert.Equal((2L, 1, " Hi "), (_session.Version, _session.MessageCount, _session.LastMessage));
    }

    [Fact]
    public async Task Without_metadata_a_message_has_an_empty_object() =>
        Assert.Equal("{}", (await Append(new(Callers.Ada, _session.Id, MessageRole.User, Given.Said("Hi")))).Value.Metadata.Json);

    [Fact]
    public async Task A_stranger_cannot_append()
    {
        Assert.Equal(SessionErrors.NotFound, (await Append(new(Callers.Bob, _session.Id, MessageRole.User, Given.Said("Hi")))).Error);

        AssertNothingHappened();
    }

    [Fact]
    public async Task An_archived_session_takes_no_message()
    {
        _session.Archive(Given.Now);

        Assert.Equal(SessionErrors.Archived, (await Append(new(Callers.Ada, _session.Id, MessageRole.User, Given.Said("Hi")))).Error);

        AssertNothingHappened();
    }

    private void AssertNothingHappened()
    {
        _sessions.DidNotReceiveWithAnyArgs().Add(default(Message)!, default!);
        Assert.Equal(0, _session.MessageCount);
    }

    private async Task<Result<MessageView>> Append(AppendMessage command)
    {
        var outcome = await new AppendMessageHandler(_sessions, _clock).Handle(command, TestContext.Current.CancellationToken);
        return outcome.Error is { } error ? error : outcome.Value.Value;
    }
}
