using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.UnitTests.Users;

public sealed class SyncConfiguredOwnerTests
{
    private static readonly EmailAddress Owner = Given.Address("ada@example.com");
    private static readonly DateTimeOffset Start = Given.Now.AddDays(1);

    private readonly IAuthorizedUsers _users = Substitute.For<IAuthorizedUsers>();
    private readonly List<AuthorizedUser> _list = [];

    public SyncConfiguredOwnerTests()
    {
        _users.ListForUpdate(Arg.Any<CancellationToken>()).Returns(_list);
        _users.When(users => users.Add(Arg.Any<AuthorizedUser>())).Do(call => _list.Add(call.Arg<AuthorizedUser>()));
    }

    [Fact]
    public async Task An_empty_list_gets_the_configured_owner()
    {
        await Keep();

        var added = Assert.Single(_list);
        Assert.Equal((Owner, AuthorizationSource.Configuration, Start), (added.Email, added.Source, added.AuthorizedAt));
        Assert.True(added.IsAuthorized);
        Assert.True(added.Accepts(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await Keep();

        await Keep(Start.AddDays(1));

        var kept = Assert.Single(_list);
        Assert.Equal(Start, kept.AuthorizedAt);
        Assert.Equal(DateTimeOffset.UnixEpoch, kept.TokensValidFrom);
    }

    [Fact]
    public async Task An_owner_who_was_configured_before_is_taken_off()
    {
        var former = On("bob@example.com", AuthorizationSource.Configuration);

        await Keep();

        Assert.False(former.IsAuthorized);
        Assert.Equal(Start, former.RevokedAt);
        Assert.Equal(2, _list.Count);
    }

    [Fact]
    public async Task Whom_the_operator_granted_access_stays()
    {
        var granted = On("bob@example.com", AuthorizationSource.Granted);

        await Keep();

        Assert.True(granted.IsAuthorized);
        Assert.Equal(AuthorizationSource.Granted, granted.Source);
    }

    [Fact]
    public async Task An_owner_who_was_granted_access_before_keeps_entry_and_tokens_and_is_the_settings_now()
    {
        var owner = On(Owner.Value, AuthorizationSource.Granted);

        await Keep();

        Assert.Same(owner, Assert.Single(_list));
        Assert.Equal((AuthorizationSource.Configuration, Given.Now), (owner.Source, owner.AuthorizedAt));
        Assert.Equal(DateTimeOffset.UnixEpoch, owner.TokensValidFrom);
    }

    [Fact]
    public async Task An_owner_who_comes_back_keeps_the_id_and_starts_with_all_earlier_tokens_refused()
    {
        var owner = On(Owner.Value, AuthorizationSource.Configuration);
        var id = owner.Id;
        owner.Revoke(Given.Now);

        await Keep();

        Assert.Same(owner, Assert.Single(_list));
        Assert.Equal(id, owner.Id);
        Assert.True(owner.IsAuthorized);
        Assert.False(owner.Accepts(Start));
        Assert.True(owner.Accepts(Start.AddSeconds(1)));
    }

    [Fact]
    public async Task One_who_was_taken_off_before_keeps_the_moment()
    {
        var former = On("bob@example.com", AuthorizationSource.Configuration);
        former.Revoke(Given.Now);

        await Keep();

        Assert.Equal(Given.Now, former.RevokedAt);
    }

    private AuthorizedUser On(string address, AuthorizationSource source)
    {
        var user = AuthorizedUser.Authorize(Given.Address(address), source, Given.Now);
        _list.Add(user);
        return user;
    }

    private async Task Keep(DateTimeOffset? at = null)
    {
        var handler = new SyncConfiguredOwnerHandler(_users, new FakeTimeProvider(at ?? Start));
        Assert.Null((await handler.Handle(new(Owner), TestContext.Current.CancellationToken)).Error);
    }
}
