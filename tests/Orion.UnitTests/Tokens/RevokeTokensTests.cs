using NSubstitute;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.UnitTests.Tokens;

public sealed class RevokeTokensTests : IDisposable
{
    private readonly ApplicationHost _host = new();
    private readonly AuthorizedUser _user = AuthorizedUser.Authorize(Callers.Ada.Email, AuthorizationSource.Configuration, Given.Now);

    public RevokeTokensTests() => _host.Users.FindForUpdate(Callers.Ada.Email, Arg.Any<CancellationToken>()).Returns(_user);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_second_revocation_in_one_second_returns_the_same()
    {
        var first = await _host.Send(new RevokeTokens(Callers.Ada));
        _host.Clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(first.Value, (await _host.Send(new RevokeTokens(Callers.Ada))).Value);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_no_token_valid_again()
    {
        var first = (await _host.Send(new RevokeTokens(Callers.Ada))).Value;
        using var behind = new ApplicationHost();
        behind.Users.FindForUpdate(Callers.Ada.Email, Arg.Any<CancellationToken>()).Returns(_user);
        behind.Clock.AdjustTime(Given.Now.AddHours(-1));

        Assert.Equal(first, (await behind.Send(new RevokeTokens(Callers.Ada))).Value);
    }

    [Fact]
    public async Task A_user_who_is_not_or_no_longer_authorized_is_rejected_and_nothing_is_saved()
    {
        _user.Revoke(Given.Now);

        Assert.Equal(UserErrors.NotAuthorized, (await _host.Send(new RevokeTokens(Callers.Ada))).Error);
        Assert.Equal(UserErrors.NotAuthorized, (await _host.Send(new RevokeTokens(Callers.Bob))).Error);
        await _host.Changes.DidNotReceiveWithAnyArgs().Save(TestContext.Current.CancellationToken);
    }
}
