using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class CreateSessionTests
{
    private readonly ISessions _sessions = Substitute.For<ISessions>();
    private readonly FakeTimeProvider _clock = new(Given.Now.AddTicks(7));

    [Fact]
    public async Task Its_times_are_the_clocks_cut_to_microseconds()
    {
        var view = await Create(new(Callers.Ada));

        Assert.Equal(Given.Now, view.CreatedAt);
        Assert.Equal(Given.Now, view.UpdatedAt);
    }

    private async Task<SessionView> Create(CreateSession command) =>
        (await new CreateSessionHandler(_sessions, _clock).Handle(command, TestContext.Current.CancellationToken)).Value.Value;
}
