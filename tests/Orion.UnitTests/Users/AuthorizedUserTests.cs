using Orion.Domain.Users;

namespace Orion.UnitTests.Users;

public sealed class AuthorizedUserTests
{
    private static readonly DateTimeOffset Now = Given.Now;
    private static readonly DateTimeOffset ThisSecond = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly DateTimeOffset NextSecond = ThisSecond.AddSeconds(1);

    private readonly AuthorizedUser _user = AuthorizedUser.Authorize(Given.Address(), AuthorizationSource.Configuration, Now);

    [Fact]
    public void A_user_who_is_authorized_for_the_first_time_may_use_earlier_tokens()
    {
        Assert.True(_user.IsAuthorized);
        Assert.Equal(Now, _user.AuthorizedAt);
        Assert.Null(_user.RevokedAt);
        Assert.Equal(Given.Address(), _user.Email);
        Assert.Equal(7, _user.Id.Value.Version);
        Assert.True(_user.Accepts(DateTimeOffset.UnixEpoch));
        Assert.True(_user.Accepts(Now.AddYears(-1)));
    }

    [Fact]
    public void Authorizing_again_from_the_same_source_changes_nothing()
    {
        Assert.False(_user.AuthorizeAgain(AuthorizationSource.Configuration, Now.AddDays(1)));

        Assert.Equal(Now, _user.AuthorizedAt);
        Assert.Equal(DateTimeOffset.UnixEpoch, _user.TokensValidFrom);
    }

    [Fact]
    public void Another_source_changes_the_entry_and_revokes_no_token()
    {
        Assert.True(_user.AuthorizeAgain(AuthorizationSource.Granted, Now.AddDays(1)));

        Assert.Equal(AuthorizationSource.Granted, _user.Source);
        Assert.Equal(Now, _user.AuthorizedAt);
        Assert.Equal(DateTimeOffset.UnixEpoch, _user.TokensValidFrom);
    }

    [Fact]
    public void A_revoked_user_keeps_the_entry_with_the_time()
    {
        Assert.True(_user.Revoke(Now));

        Assert.False(_user.IsAuthorized);
        Assert.Equal(Now, _user.RevokedAt);
    }

    [Fact]
    public void A_second_revocation_keeps_the_first_time()
    {
        _user.Revoke(Now);

        Assert.False(_user.Revoke(Now.AddDays(1)));
        Assert.Equal(Now, _user.RevokedAt);
    }

    [Theory]
    [InlineData(AuthorizationSource.Configuration)]
    [InlineData(AuthorizationSource.Granted)]
    public void A_user_authorized_again_starts_with_all_earlier_tokens_rejected(AuthorizationSource source)
    {
        _user.Revoke(Now.AddDays(-1));

        Assert.True(_user.AuthorizeAgain(source, Now));

        Assert.True(_user.IsAuthorized);
        Assert.Null(_user.RevokedAt);
        Assert.Equal(source, _user.Source);
        Assert.Equal(Now, _user.AuthorizedAt);
        Assert.False(_user.Accepts(ThisSecond));
        Assert.True(_user.Accepts(NextSecond));
    }

    [Fact]
    public void Signing_out_everywhere_revokes_the_whole_current_second_and_no_later_one()
    {
        _user.SignOutEverywhere(Now);

        Assert.False(_user.Accepts(ThisSecond.AddSeconds(-1)));
        Assert.False(_user.Accepts(ThisSecond));
        Assert.True(_user.Accepts(NextSecond));
        Assert.Equal(NextSecond, _user.TokensValidFrom);
    }

    [Fact]
    public void A_second_that_begins_just_now_is_rejected_too()
    {
        _user.SignOutEverywhere(ThisSecond);

        Assert.False(_user.Accepts(ThisSecond));
        Assert.True(_user.Accepts(NextSecond));
    }

    [Fact]
    public void The_last_microsecond_of_a_second_rejects_only_that_second()
    {
        _user.SignOutEverywhere(NextSecond.AddMicroseconds(-1));

        Assert.False(_user.Accepts(ThisSecond));
        Assert.True(_user.Accepts(NextSecond));
    }

    [Fact]
    public void A_clock_that_goes_back_revives_no_token()
    {
        _user.SignOutEverywhere(Now);

        _user.SignOutEverywhere(Now.AddHours(-1));

        Assert.Equal(NextSecond, _user.TokensValidFrom);
    }

    [Fact]
    public void Signing_out_everywhere_leaves_the_user_authorized()
    {
        _user.SignOutEverywhere(Now);

        Assert.True(_user.IsAuthorized);
        Assert.Equal(Now, _user.AuthorizedAt);
    }

    [Fact]
    public void Whole_seconds_are_those_of_UTC_whatever_the_offset()
    {
        _user.SignOutEverywhere(Now.ToOffset(new TimeSpan(5, 30, 0)));

        Assert.Equal(NextSecond, _user.TokensValidFrom);
        Assert.Equal(TimeSpan.Zero, _user.TokensValidFrom.Offset);
    }
}
