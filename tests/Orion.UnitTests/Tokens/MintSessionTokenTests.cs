using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Tokens;

public sealed class MintSessionTokenTests : IDisposable
{
    private readonly ApplicationHouse _house = new();
    private readonly Session _session = People.SessionOf(People.Ada);

    public MintSessionTokenTests()
    {
        _house.Access.FindSession(_session.Id, Arg.Any<Caller>(), Arg.Any<CancellationToken>()).Returns(SessionErrors.NotFound);
        _house.Access.FindSession(_session.Id, People.Ada, Arg.Any<CancellationToken>()).Returns(_session);
        _house.Minter.MintSessionToken(Arg.Any<Caller>(), Arg.Any<SessionId>(), Arg.Any<DateTimeOffset>(), Arg.Any<TimeSpan>()).Returns(call =>
        {
            var now = _house.Clock.GetUtcNow();
            return new MintedToken("a.b.c", now, now + call.Arg<TimeSpan>());
        });
    }

    public void Dispose() => _house.Dispose();

    [Theory]
    [InlineData(null, 300, 240)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(900, 900, 720)]
    public async Task An_open_session_of_ones_own_gets_a_token(int? asked, int lives, int renew)
    {
        var view = (await Mint(asked)).Value;

        Assert.Equal(new SessionTokenView("a.b.c", "Bearer", lives, Given.Now.AddSeconds(lives), renew, _session.Id.Value), view);
        _house.Minter.Received(1).MintSessionToken(People.Ada, _session.Id, _house.Clock.GetUtcNow(), TimeSpan.FromSeconds(lives));
        _house.TokenAudit.Received(1).SessionTokenMinted(_session.Id, People.Ada);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(901)]
    [InlineData(int.MinValue)]
    public async Task A_lifetime_that_is_too_short_or_too_long_is_refused_by_name(int seconds)
    {
        var error = (await Mint(seconds)).Error!;

        Assert.Equal(("validation_failed", "expiresInSeconds"), (error.Code, Assert.Single(error.Members!).Key));
        NothingIsMinted();
    }

    [Fact]
    public async Task A_session_that_is_not_there_is_not_found()
    {
        Assert.Equal(SessionErrors.NotFound, (await Mint(null, People.Bob)).Error);
        NothingIsMinted();
    }

    [Fact]
    public async Task An_archived_session_has_no_tokens()
    {
        _session.Archive(Given.Now);

        Assert.Equal(SessionErrors.Archived, (await Mint(null)).Error);
        NothingIsMinted();
    }

    [Fact]
    public async Task Within_the_second_of_its_archiving_a_restored_session_has_its_token_when_that_is_over()
    {
        _session.Archive(Given.Now);
        _session.Restore(Given.Now);

        var minting = MintDirectly();
        Assert.False(minting.IsCompleted);
        NothingIsMinted();
        _house.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await minting).Value.ExpiresAt - SessionTokenLifetime.Default >= _session.TokensValidFrom);
    }

    [Fact]
    public async Task A_token_that_is_revoked_while_the_mint_waits_mints_none()
    {
        _session.Archive(Given.Now);
        _session.Restore(Given.Now);
        var minting = MintDirectly();
        _house.Access.FindSession(_session.Id, People.Ada, Arg.Any<CancellationToken>()).Returns(UserErrors.TokenRevoked);
        _house.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(UserErrors.TokenRevoked, (await minting).Error);
        NothingIsMinted();
    }

    [Fact]
    public async Task A_token_is_dated_before_the_database_is_asked_so_that_a_revocation_behind_a_late_answer_ends_it()
    {
        var asked = Given.Now;
        _house.Access.FindSession(_session.Id, People.Ada, Arg.Any<CancellationToken>()).Returns(_ =>
        {
            _house.Clock.Advance(TimeSpan.FromSeconds(3));
            return _session;
        });

        Assert.Null((await Mint(null)).Error);

        _house.Minter.Received(1).MintSessionToken(People.Ada, _session.Id, asked, SessionTokenLifetime.Default);
    }

    private Task<Result<SessionTokenView>> MintDirectly() => new MintSessionTokenHandler(_house.Access, _house.Minter, _house.TokenAudit, _house.Clock)
        .Handle(new(People.Ada, _session.Id, null), TestContext.Current.CancellationToken);

    private void NothingIsMinted()
    {
        _house.Minter.DidNotReceiveWithAnyArgs().MintSessionToken(null!, default, default, default);
        _house.TokenAudit.DidNotReceiveWithAnyArgs().SessionTokenMinted(default, null!);
    }

    private Task<Result<SessionTokenView>> Mint(int? seconds, Caller? caller = null) =>
        _house.Send(new MintSessionToken(caller ?? People.Ada, _session.Id, seconds));
}
