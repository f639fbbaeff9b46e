using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.UnitTests.Users;

public sealed class AuthenticateCallerTests
{
    private static readonly DateTimeOffset IssuedAt = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    private readonly IAuthorizedUserCache _authorizations = Substitute.For<IAuthorizedUserCache>();
    private readonly AuthorizedUser _user = AuthorizedUser.Authorize(Given.Address(), AuthorizationSource.Configuration, Given.Now);

    public AuthenticateCallerTests() => _authorizations.Find(_user.Email, Arg.Any<CancellationToken>()).Returns(_user);

    [Fact]
    public async Task A_revoked_user_is_not_authorized_and_gets_the_same_error_as_an_unknown_one()
    {
        _user.Revoke(Given.Now);

        var outcome = await Authenticate(_user.Email);

        Assert.Equal(UserErrors.NotAuthorized, outcome.Error);
        Assert.Equal(await Authenticate(Given.Address("bob@example.com")), outcome);
    }

    [Fact]
    public async Task A_revoked_user_is_not_authorized_even_with_a_revoked_token()
    {
        _user.SignOutEverywhere(Given.Now);
        _user.Revoke(Given.Now);

        Assert.Equal(UserErrors.NotAuthorized, (await Authenticate(_user.Email)).Error);
    }

    private Task<Result<Caller>> Authenticate(EmailAddress subject) =>
        new AuthenticateCallerHandler(_authorizations, Substitute.For<ISessionTokenValidity>())
            .Handle(new(subject, IssuedAt, null), TestContext.Current.CancellationToken);
}
