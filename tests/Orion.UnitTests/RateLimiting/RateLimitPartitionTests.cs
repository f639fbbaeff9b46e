using System.Net;
using Orion.Api.RateLimiting;
using Orion.Domain.Users;

namespace Orion.UnitTests.RateLimiting;

public sealed class RateLimitPartitionTests
{
    private static readonly UserId User = UserId.New(DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:0:1200::1", "2001:db8:0:12ff:ffff::2", true)]
    [InlineData("2001:db8:0:1200::1", "2001:db8:0:1300::1", false)]
    [InlineData("192.0.2.1", "::192.0.2.1", false)]
    [InlineData("0.0.0.0", "::", false)]
    [InlineData("192.0.2.1", "64:ff9b::192.0.2.1", true)]
    [InlineData("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2", false)]
    [InlineData("192.0.2.1", "64:ff9b:1::192.0.2.1", true)]
    [InlineData("192.0.2.1", "64:ff9b:1:abcd::192.0.2.1", true)]
    [InlineData("192.0.2.1", "64:ff9b:2::192.0.2.1", false)]
    [InlineData("192.0.2.1", "64:ff9b::1:192.0.2.1", false)]
    [InlineData("fe80::1%1", "fe80::1%2", true)]
    public void IPv4_counts_whole_also_behind_NAT64_and_IPv6_by_its_first_56_bits(string one, string other, bool same)
    {
        var (a, b) = (RateLimitPartition.Of(IPAddress.Parse(one)), RateLimitPartition.Of(IPAddress.Parse(other)));
        Assert.Equal(same, a.Equals(b));
        if (same)
            Assert.Equal(a.GetHashCode(), b.GetHashCode());
    }

    [Fact]
    public void Requests_without_an_address_share_a_partition_with_no_other()
    {
        Assert.Equal(RateLimitPartition.Of(null), RateLimitPartition.Of(null));
        Assert.NotEqual(RateLimitPartition.Of(IPAddress.IPv6Any), RateLimitPartition.Of(null));
        Assert.NotEqual(RateLimitPartition.Of(IPAddress.Any), RateLimitPartition.Of(null));
    }

    [Fact]
    public void A_user_has_one_partition_for_each_kind_of_token()
    {
        Assert.Equal(RateLimitPartition.Of(User, sessionToken: false), RateLimitPartition.Of(UserId.From(User.Value), sessionToken: false));
        Assert.NotEqual(RateLimitPartition.Of(User, sessionToken: false), RateLimitPartition.Of(User, sessionToken: true));
        Assert.NotEqual(RateLimitPartition.Of(User, false), RateLimitPartition.Of(UserId.New(DateTimeOffset.UnixEpoch), false));
    }

    [Fact]
    public void A_key_costs_no_allocation()
    {
        var address = IPAddress.Parse("2001:db8::1");
        _ = RateLimitPartition.Of(address).GetHashCode() + RateLimitPartition.Of(User, true).GetHashCode();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _ = RateLimitPartition.Of(address).GetHashCode() + RateLimitPartition.Of(User, true).GetHashCode();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
