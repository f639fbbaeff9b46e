using NSubstitute;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.UnitTests.Tokens;

public sealed class RevokeTokensTests : IDisposable
{
    private readonly ApplicationHouse _house = new();
    private readonly AuthorizedUser _user = AuthorizedUser.Authorize(People.Ada.Email, AuthorizationSource.Configuration, Given.Now);

    public RevokeTokensTests() => _house.Users.FindForUpdate(People.Ada.Email, Arg.Any<CancellationToken>()).Returns(_user);

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task Tokens_of_this_second_are_refused_and_the_next_seconds_are_not()
    {
        var revoked = (await _house.Send(new RevokeTokens(People.Ada))).Value;

        Assert.Equal(new DateTimeOffset(2026, 3, 14, 15, 9, 27, TimeSpan.Zero), revoked.ValidFrom);
        Assert.False(_user.Accepts(revoked.ValidFrom.AddSeconds(-1)));
        Assert.True(_user.Accepts(revoked.ValidFrom));
        await _house.Changes.Received(1).Save(Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_second_time_in_one_second_says_the_same()
    {
        var first = await _house.Send(new RevokeTokens(People.Ada));
        _house.Clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(first.Value, (await _house.Send(new RevokeTokens(People.Ada))).Value);
    }

    [Fact]
    public async Task A_clock_that_was_put_back_frees_no_token()
    {
        var first = (await _house.Send(new RevokeTokens(People.Ada))).Value;
        using var behind = new ApplicationHouse();
        behind.Users.FindForUpdate(People.Ada.Email, Arg.Any<CancellationToken>()).Returns(_user);
        behind.Clock.AdjustTime(Given.Now.AddHours(-1));

        Assert.Equal(first, (await behind.Send(new RevokeTokens(People.Ada))).Value);
    }

    [Fact]
    public async Task Someone_who_was_taken_off_the_list_meanwhile_or_never_was_on_it_is_refused_and_nothing_is_saved()
    {
        _user.Revoke(Given.Now);

        Assert.Equal(UserErrors.NotAuthorized, (await _house.Send(new RevokeTokens(People.Ada))).Error);
        Assert.Equal(UserErrors.NotAuthorized, (await _house.Send(new RevokeTokens(People.Bob))).Error);
        await _house.Changes.DidNotReceiveWithAnyArgs().Save(TestContext.Current.CancellationToken);
    }
}
