using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class GetSessionAndMessageTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly Session _session = Callers.SessionOf(Callers.Ada);
    private readonly Message _message;

    public GetSessionAndMessageTests()
    {
        _message = _session.Append("Hello");
        _sessions.Find(_session.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_session);
        _sessions.FindMessage(_session.Id, _message.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_message);
    }

    [Fact]
    public async Task A_session_is_shown_to_its_owner()
    {
        var view = (await Get(Callers.Ada)).Value;

        Assert.Equal(
            new SessionView(
                _session.Id.Value, "ada@example.com", "Hello", "Hello", "Hello", 1, Given.Now, Given.Now, null, 2, Metadata.Empty),
            view);
    }

    [Fact]
    public async Task A_stranger_does_not_find_a_session() => Assert.Equal(SessionErrors.NotFound, (await Get(Callers.Bob)).Error);

    [Fact]
    public async Task A_message_is_shown_to_its_owner()
    {
        var view = (await Get(Callers.Ada, _message.Id)).Value;

        Assert.Equal(
            new MessageView(_message.Id.Value, _session.Id.Value, 1, "user", "Hello", Given.Now, Metadata.Empty), view);
    }

    [Fact]
    public async Task A_message_that_its_session_does_not_have_is_a_message_not_found() =>
        Assert.Equal("message_not_found", (await Get(Callers.Ada, MessageId.Unassigned)).Error?.Code);

    [Fact]
    public async Task A_message_of_a_session_that_is_not_the_callers_is_a_session_not_found() =>
        Assert.Equal("session_not_found", (await Get(Callers.Bob, _message.Id)).Error?.Code);

    [Fact]
    public async Task A_stranger_learns_nothing_from_an_id_of_a_message_that_does_not_exist() =>
        Assert.Equal(await Get(Callers.Bob, _message.Id), await Get(Callers.Bob, MessageId.Unassigned));

    [Fact]
    public async Task A_large_message_is_let_go_while_there_is_no_memory_for_it_and_read_again()
    {
        var large = _session.Append(new string('a', 100_000));
        _sessions.FindMessage(_session.Id, large.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(large);
        var all = new InFlightBytes(new FakeTimeProvider(), 8 * InFlightBytes.Small);
        var others = all.Begin();
        others.TryCover(8 * InFlightBytes.Small);
        using var memory = all.Begin();

        var waiting = Get(Callers.Ada, large.Id, memory);
        Assert.False(waiting.IsCompleted);
        Assert.Equal("Hello", (await Get(Callers.Ada, _message.Id, all.Begin())).Value.Content);
        others.Dispose();

        Assert.Equal(large.Content.Value, (await waiting).Value.Content);
        await _sessions.Received(2).FindMessage(_session.Id, large.Id, Callers.Ada, Arg.Any<CancellationToken>());
    }

    private Task<Result<SessionView>> Get(Caller caller) =>
        new GetSessionHandler(_sessions).Handle(new(caller, _session.Id), TestContext.Current.CancellationToken);

    private Task<Result<MessageView>> Get(Caller caller, MessageId id, ByteReservation? memory = null) =>
        new GetMessageHandler(_sessions).Handle(new(caller, _session.Id, id, memory), TestContext.Current.CancellationToken);
}
