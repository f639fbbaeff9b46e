using System.Net;
using CsCheck;
using Microsoft.Extensions.Primitives;
using Orion.Api.Network;

namespace Orion.UnitTests.Network;

public sealed class ForwardedHeadersTests
{
    private static readonly TrustedProxies Proxies =
        new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8:1::/48"), IPNetwork.Parse("::ffff:198.51.100.0/120")]);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1:443", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]", "2001:db8::1")]
    [InlineData("[2001:DB8::1]:65535", "2001:db8::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("[::ffff:192.0.2.1]:1", "192.0.2.1")]
    public void An_address_is_read_with_and_without_a_port(string entry, string address)
    {
        Assert.True(ForwardedHeaders.TryParseAddress(entry, out var read));
        Assert.Equal(IPAddress.Parse(address), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("_hidden")]
    [InlineData("example.com")]
    [InlineData("1")]
    [InlineData("1.2.3")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("256.1.1.1")]
    [InlineData("192.0.2.1:")]
    [InlineData("192.0.2.1:http")]
    [InlineData("192.0.2.1:123456")]
    [InlineData(" 192.0.2.1")]
    [InlineData("192.0.2.1/32")]
    [InlineData("[192.0.2.1]:80")]
    [InlineData("[2001:db8::1")]
    [InlineData("[2001:db8::1]80")]
    [InlineData("[2001:db8::1]:")]
    [InlineData("[]")]
    [InlineData("[")]
    [InlineData("]")]
    [InlineData(":")]
    [InlineData("fe80::1%eth0")]
    [InlineData("2001:db8::/32")]
    [InlineData("\"[2001:db8::1]\"")]
    public void Any_other_text_is_not_an_address(string entry) => Assert.False(ForwardedHeaders.TryParseAddress(entry, out _));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.7, 192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.7,192.0.2.1 ,\t10.0.0.9", "192.0.2.1")]
    [InlineData("192.0.2.1:5, 198.51.100.7, 2001:db8:1::5, 10.1.2.3:80", "192.0.2.1")]
    [InlineData("10.0.0.1, 192.0.2.1, 10.0.0.2", "192.0.2.1")]
    [InlineData("x, 192.0.2.1", "192.0.2.1")]
    [InlineData(", 192.0.2.1", "192.0.2.1")]
    [InlineData("\u202e\"'<, 192.0.2.1, 10.0.0.1", "192.0.2.1")]
    [InlineData("10.0.0.1, 10.0.0.2", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1, 10.0.0.2", "10.0.0.1")]
    public void The_client_is_the_rightmost_that_is_no_proxy_or_else_the_leftmost(string list, string client) =>
        Assert.Equal(IPAddress.Parse(client), ForwardedHeaders.FindClient(list, Proxies).Address);

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("192.0.2.1,")]
    [InlineData("unknown")]
    [InlineData("192.0.2.1, unknown")]
    public void A_malformed_entry_in_the_position_of_the_client_leaves_the_peer(string list) =>
        Assert.Equal((null, false), (ForwardedHeaders.FindClient(list, Proxies).Address, ForwardedHeaders.FindClient(list, Proxies).IsValid));

    [Theory]
    [InlineData("192.0.2.1, unknown, 10.0.0.2", "10.0.0.2")]
    [InlineData("unknown, 10.0.0.1, 10.0.0.2", "10.0.0.1")]
    public void A_malformed_entry_behind_trusted_proxies_leaves_the_last_of_them(string list, string proxy)
    {
        var client = ForwardedHeaders.FindClient(list, Proxies);

        Assert.Equal(IPAddress.Parse(proxy), client.Address);
        Assert.False(client.IsValid);
    }

    [Fact]
    public void Entries_to_the_left_of_the_client_are_ignored() =>
        Gen.Select(Gen.String, Gen.OneOf("192.0.2.1", "2001:db8::1"), Gen.OneOf("", ", 10.0.0.1", ", 10.0.0.1, [2001:db8:1::5]:80")).Sample(
            (left, client, proxies) =>
            {
                var result = ForwardedHeaders.FindClient($"{left}, {client}{proxies}", Proxies);
                Assert.Equal((IPAddress.Parse(client), true, true), (result.Address, result.IsValid, result.HasMoreEntries));
                Assert.Equal(result, ForwardedHeaders.FindClient(Lines(left, $"{client}{proxies}"), Proxies));
            });

    [Theory]
    [InlineData("192.0.2.1", false)]
    [InlineData("192.0.2.1, 10.0.0.1", false)]
    [InlineData("10.0.0.2, 10.0.0.1", false)]
    [InlineData("192.0.2.7, 192.0.2.1, 10.0.0.1", true)]
    public void Entries_to_the_left_of_the_client_are_reported(string list, bool hasMoreEntries) =>
        Assert.Equal(hasMoreEntries, ForwardedHeaders.FindClient(list, Proxies).HasMoreEntries);

    [Fact]
    public void Several_lines_are_one_list_in_their_order()
    {
        Assert.Equal(
            IPAddress.Parse("192.0.2.2"),
            ForwardedHeaders.FindClient(Lines("192.0.2.1, 192.0.2.2", "10.0.0.1", "10.0.0.2"), Proxies).Address);
        Assert.Equal(IPAddress.Parse("192.0.2.3"), ForwardedHeaders.FindClient(Lines("192.0.2.1", "192.0.2.3, 10.0.0.1"), Proxies).Address);
    }

    [Fact]
    public void Twenty_entries_are_read_and_no_more()
    {
        var nineteen = string.Join(',', Enumerable.Repeat("10.0.0.1", 18).Prepend("10.0.0.9"));
        Assert.Equal(IPAddress.Parse("192.0.2.1"), ForwardedHeaders.FindClient("192.0.2.1," + nineteen, Proxies).Address);
        Assert.Equal(IPAddress.Parse("192.0.2.1"), ForwardedHeaders.FindClient("192.0.2.7,192.0.2.1," + nineteen, Proxies).Address);
        Assert.Equal(IPAddress.Parse("10.0.0.8"), ForwardedHeaders.FindClient("192.0.2.1,10.0.0.8," + nineteen, Proxies).Address);
        Assert.Equal(IPAddress.Parse("10.0.0.8"), ForwardedHeaders.FindClient(Lines("192.0.2.1", "10.0.0.8," + nineteen), Proxies).Address);
        Assert.False(ForwardedHeaders.FindClient("192.0.2.1,10.0.0.8," + nineteen, Proxies).IsValid);
    }

    [Theory]
    [InlineData("https", "https")]
    [InlineData("HTTPS", "https")]
    [InlineData("http", "http")]
    [InlineData("", "http")]
    [InlineData("https,http", "http")]
    [InlineData("https, https", "http")]
    [InlineData("httpsx", "http")]
    [InlineData("wss", "http")]
    public void The_scheme_is_one_word(string sent, string scheme) => Assert.Equal(scheme, ForwardedHeaders.Scheme(sent));

    [Fact]
    public void The_scheme_sent_twice_is_http() => Assert.Equal("http", ForwardedHeaders.Scheme(Lines("https", "https")));

    private static StringValues Lines(params string[] lines) => lines;
}
