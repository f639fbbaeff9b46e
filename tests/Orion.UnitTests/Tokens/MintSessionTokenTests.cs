using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Tokens;

public sealed class MintSessionTokenTests : IDisposable
{
    private readonly ApplicationHost _host = new();
    private readonly Session _session = Callers.SessionOf(Callers.Ada);

    public MintSessionTokenTests()
    {
        _host.Access.FindSession(_session.Id, Arg.Any<Caller>(), Arg.Any<CancellationToken>()).Returns(SessionErrors.NotFound);
        _host.Access.FindSession(_session.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_session);
        _host.Minter.MintSessionToken(Arg.Any<Caller>(), Arg.Any<SessionId>(), Arg.Any<DateTimeOffset>(), Arg.Any<TimeSpan>()).Returns(call =>
        {
            var now = _host.Clock.GetUtcNow();
            return new MintedToken("a.b.c", now, now + call.Arg<TimeSpan>());
        });
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(null, 300, 240)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(900, 900, 720)]
    public async Task An_open_session_of_the_caller_gets_a_token(int? requested, int lives, int renew)
    {
        var view = (await Mint(requested)).Value;

        Assert.Equal(new SessionTokenView("a.b.c", "Bearer", lives, Given.Now.AddSeconds(lives), renew, _session.Id.Value), view);
        _host.Minter.Received(1).MintSessionToken(Callers.Ada, _session.Id, _host.Clock.GetUtcNow(), TimeSpan.FromSeconds(lives));
        _host.TokenAudit.Received(1).SessionTokenMinted(_session.Id, Callers.Ada);
    }

    [Fact]
    public async Task A_session_restored_within_the_second_of_its_archiving_gets_a_token_after_that_second()
    {
        _session.Archive(Given.Now);
        _session.Restore(Given.Now);

        var minting = MintDirectly();
        Assert.False(minting.IsCompleted);
        AssertNothingMinted();
        _host.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await minting).Value.ExpiresAt - SessionTokenLifetime.Default >= _session.TokensValidFrom);
    }

    [Fact]
    public async Task A_token_that_is_revoked_while_the_mint_waits_mints_none()
    {
        _session.Archive(Given.Now);
        _session.Restore(Given.Now);
        var minting = MintDirectly();
        _host.Access.FindSession(_session.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(UserErrors.TokenRevoked);
        _host.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(UserErrors.TokenRevoked, (await minting).Error);
        AssertNothingMinted();
    }

    [Fact]
    public async Task A_token_is_dated_before_the_database_is_queried_so_that_a_concurrent_revocation_covers_it()
    {
        var requested = Given.Now;
        _host.Access.FindSession(_session.Id, Callers.Ada, Arg.Any<CancellationToken>()).Returns(_ =>
        {
            _host.Clock.Advance(TimeSpan.FromSeconds(3));
            return _session;
        });

        Assert.Null((await Mint(null)).Error);

        _host.Minter.Received(1).MintSessionToken(Callers.Ada, _session.Id, requested, SessionTokenLifetime.Default);
    }

    private Task<Result<SessionTokenView>> MintDirectly() => new MintSessionTokenHandler(_host.Access, _host.Minter, _host.TokenAudit, _host.Clock)
        .Handle(new(Callers.Ada, _session.Id, null), TestContext.Current.CancellationToken);

    private void AssertNothingMinted()
    {
        _host.Minter.DidNotReceiveWithAnyArgs().MintSessionToken(null!, default, default, default);
        _host.TokenAudit.DidNotReceiveWithAnyArgs().SessionTokenMinted(default, null!);
    }

    private Task<Result<SessionTokenView>> Mint(int? seconds, Caller? caller = null) =>
        _host.Send(new MintSessionToken(caller ?? Callers.Ada, _session.Id, seconds is { } given ? given : null));
}
