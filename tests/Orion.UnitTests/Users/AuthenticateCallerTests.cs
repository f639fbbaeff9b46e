using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.UnitTests.Users;

public sealed class AuthenticateCallerTests
{
    private static readonly DateTimeOffset IssuedAt = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    private readonly IAuthorizedUserCache _authorizations = Substitute.For<IAuthorizedUserCache>();
    private readonly ISessionTokenValidity _sessionTokens = Substitute.For<ISessionTokenValidity>();
    private readonly AuthorizedUser _user = AuthorizedUser.Authorize(Given.Address(), AuthorizationSource.Configuration, Given.Now);

    public AuthenticateCallerTests() => _authorizations.Find(_user.Email, Arg.Any<CancellationToken>()).Returns(_user);

    [Fact]
    public async Task Someone_on_the_list_becomes_the_caller() =>
        Assert.Equal(new Caller(_user.Id, _user.Email, null, IssuedAt), (await Authenticate(_user.Email)).Value);

    [Fact]
    public async Task The_session_of_a_session_token_becomes_the_scope()
    {
        var session = SessionId.New(Given.Now);
        TokensOf(session, IssuedAt);

        Assert.Equal(new Caller(_user.Id, _user.Email, session, IssuedAt), (await Authenticate(_user.Email, session: session)).Value);
    }

    [Fact]
    public async Task A_session_token_from_before_its_session_was_archived_is_invalid()
    {
        var session = SessionId.New(Given.Now);
        TokensOf(session, IssuedAt.AddSeconds(1));

        Assert.Equal(UserErrors.TokenRevoked, (await Authenticate(_user.Email, session: session)).Error);
    }

    [Fact]
    public async Task A_session_token_of_a_session_that_is_closed_is_invalid()
    {
        var session = SessionId.New(Given.Now);
        TokensOf(session, null);

        Assert.Equal(UserErrors.TokenRevoked, (await Authenticate(_user.Email, session: session)).Error);
    }

    [Fact]
    public async Task Someone_who_never_was_on_the_list_is_not_authorized() =>
        Assert.Equal(UserErrors.NotAuthorized, (await Authenticate(Given.Address("bob@example.com"))).Error);

    [Fact]
    public async Task Someone_taken_off_the_list_is_not_authorized_and_answered_like_a_stranger()
    {
        _user.Revoke(Given.Now);

        var outcome = await Authenticate(_user.Email);

        Assert.Equal(UserErrors.NotAuthorized, outcome.Error);
        Assert.Equal(await Authenticate(Given.Address("bob@example.com")), outcome);
    }

    [Fact]
    public async Task Someone_taken_off_the_list_is_not_authorized_even_with_a_token_that_is_revoked_too()
    {
        _user.SignOutEverywhere(Given.Now);
        _user.Revoke(Given.Now);

        Assert.Equal(UserErrors.NotAuthorized, (await Authenticate(_user.Email)).Error);
    }

    [Fact]
    public async Task A_token_from_before_signing_out_everywhere_is_invalid_and_the_next_seconds_is_not()
    {
        _user.SignOutEverywhere(Given.Now);

        var result = await Authenticate(_user.Email);
        Assert.Equal(UserErrors.TokenRevoked, result.Error);
        Assert.Equal((ErrorKind.Unauthenticated, "invalid_token"), (result.Error!.Kind, result.Error.Code));
        Assert.Null((await Authenticate(_user.Email, IssuedAt.AddSeconds(1))).Error);
    }

    [Fact]
    public async Task The_callers_own_entry_is_shown()
    {
        var me = await new GetMeHandler(_authorizations).Handle(new(Callers.Ada), TestContext.Current.CancellationToken);
        var stranger = await new GetMeHandler(_authorizations).Handle(new(Callers.Bob), TestContext.Current.CancellationToken);

        Assert.Equal(new MeView("ada@example.com", Given.Now), me.Value);
        Assert.Equal(UserErrors.NotAuthorized, stranger.Error);
    }

    private void TokensOf(SessionId session, DateTimeOffset? validFrom) =>
        _sessionTokens.ValidFrom(session, Arg.Is<Caller>(caller => caller.Id == _user.Id && caller.Scope == session), Arg.Any<CancellationToken>()).Returns(validFrom);

    private Task<Result<Caller>> Authenticate(EmailAddress subject, DateTimeOffset? issuedAt = null, SessionId? session = null) =>
        new AuthenticateCallerHandler(_authorizations, _sessionTokens)
            .Handle(new(subject, issuedAt ?? IssuedAt, session), TestContext.Current.CancellationToken);
}
