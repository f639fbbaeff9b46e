using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messages;

public sealed class GetMessageTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly Session _session = Callers.SessionOf(Callers.Ada);
    private readonly Message _message;

    public GetMessageTests()
    {
        _message = _session.Append("Hello");
        _sessions.FindMessage(_session.Id, _message.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_message);
    }

    [Fact]
    public async Task A_large_message_is_released_while_no_memory_is_available_and_read_again()
    {
        var large = _session.Append(new string('a', 100_000));
        _sessions.FindMessage(_session.Id, large.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(large);
        var all = new InFlightBytes(new FakeTimeProvider(), 8 * InFlightBytes.Small);
        var others = all.Begin();
        others.TryGrowTo(8 * InFlightBytes.Small);
        using var memory = all.Begin();

        var waiting = Get(Callers.Ada, large.Id, memory);
        Assert.False(waiting.IsCompleted);
        Assert.Equal("Hello", (await Get(Callers.Ada, _message.Id, all.Begin())).Value.Content);
        others.Dispose();

        Assert.Equal(large.Content.Value, (await waiting).Value.Content);
        await _sessions.Received(2).FindMessage(_session.Id, large.Id, Callers.Ada, Arg.Any<CancellationToken>());
    }

    private Task<Result<MessageView>> Get(Caller caller, MessageId id, ByteReservation memory) =>
        new GetMessageHandler(_sessions).Handle(new(caller, _session.Id, id, memory), TestContext.Current.CancellationToken);
}
