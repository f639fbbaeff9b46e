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
        await Sync();

        var added = Assert.Single(_list);
        Assert.Equal((Owner, AuthorizationSource.Configuration, Start), (added.Email, added.Source, added.AuthorizedAt));
        Assert.True(added.IsAuthorized);
        Assert.True(added.Accepts(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await Sync();

        await Sync(Start.AddDays(1));

        var entry = Assert.Single(_list);
        Assert.Equal(Start, entry.AuthorizedAt);
        Assert.Equal(DateTimeOffset.UnixEpoch, entry.TokensValidFrom);
    }

    [Fact]
    public async Task A_previously_configured_owner_is_revoked()
    {
        var former = On("bob@example.com", AuthorizationSource.Configuration);

        await Sync();

        Assert.False(former.IsAuthorized);
        Assert.Equal(Start, former.RevokedAt);
        Assert.Equal(2, _list.Count);
    }

    [Fact]
    public async Task Users_granted_by_the_operator_stay()
    {
        var granted = On("bob@example.com", AuthorizationSource.Granted);

        await Sync();

        Assert.True(granted.IsAuthorized);
        Assert.Equal(AuthorizationSource.Granted, granted.Source);
    }

    [Fact]
    public async Task An_owner_who_was_granted_before_keeps_entry_and_tokens_with_the_source_configuration()
    {
        var owner = On(Owner.Value, AuthorizationSource.Granted);

        await Sync();

        Assert.Same(owner, Assert.Single(_list));
        Assert.Equal((AuthorizationSource.Configuration, Given.Now), (owner.Source, owner.AuthorizedAt));
        Assert.Equal(DateTimeOffset.UnixEpoch, owner.TokensValidFrom);
    }

    [Fact]
    public async Task An_owner_who_is_configured_again_keeps_the_id_and_has_all_earlier_tokens_rejected()
    {
        var owner = On(Owner.Value, AuthorizationSource.Configuration);
        var id = owner.Id;
        owner.Revoke(Given.Now);

        await Sync();

        Assert.Same(owner, Assert.Single(_list));
        Assert.Equal(id, owner.Id);
        Assert.True(owner.IsAuthorized);
        Assert.False(owner.Accepts(Start));
        Assert.True(owner.Accepts(Start.AddSeconds(1)));
    }

    [Fact]
    public async Task An_owner_who_was_revoked_before_keeps_the_time()
    {
        var former = On("bob@example.com", AuthorizationSource.Configuration);
        former.Revoke(Given.Now);

        await Sync();

        Assert.Equal(Given.Now, former.RevokedAt);
    }

    private AuthorizedUser On(string address, AuthorizationSource source)
    {
        var user = AuthorizedUser.Authorize(Given.Address(address), source, Given.Now);
        _list.Add(user);
        return user;
    }

    private async Task Sync(DateTimeOffset? at = null)
    {
        var handler = new SyncConfiguredOwnerHandler(_users, new FakeTimeProvider(at ?? Start));
        Assert.Null((await handler.Handle(new(Owner), TestContext.Current.CancellationToken)).Error);
    }
}
