using CsCheck;
using Microsoft.Extensions.Primitives;
using Orion.Api.Cors;

namespace Orion.UnitTests.Cors;

public sealed class PreflightHeadersTests
{
    private const string Default = "Content-Type, Authorization, X-Requested-With, X-Request-Id, Idempotency-Key, If-Match, Last-Event-ID";

    [Theory]
    [InlineData("authorization", "authorization")]
    [InlineData("authorization,baggage,sentry-trace,traceparent,user-agent,x-stainless-os", "authorization, baggage, sentry-trace, traceparent, user-agent, x-stainless-os")]
    [InlineData(" a ,\tB,, c", "a, B, c")]
    public void Requested_headers_are_allowed(string requested, string allowed) => Assert.Equal(allowed, PreflightHeaders.Allowed(requested));

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a,\"b\"")]
    [InlineData("é")]
    [InlineData("a\u0001")]
    public void An_empty_or_invalid_list_gets_the_default(string requested) => Assert.Equal(Default, PreflightHeaders.Allowed(requested));

    [Fact]
    public void Sixty_four_names_of_2048_characters_together_are_allowed_and_no_more()
    {
        var name = new string('x', 32);
        var most = string.Join(',', Enumerable.Repeat(name, 64));

        Assert.Equal(most.Replace(",", ", ", StringComparison.Ordinal), PreflightHeaders.Allowed(most));
        Assert.Equal(Default, PreflightHeaders.Allowed(most + "x"));
        Assert.Equal(Default, PreflightHeaders.Allowed(string.Join(',', Enumerable.Repeat("x", 65))));
        Assert.Equal(Default, PreflightHeaders.Allowed(new string('x', 2049)));
    }

    [Fact]
    public void Several_lines_are_one_list() => Assert.Equal("a, b, c", PreflightHeaders.Allowed(new StringValues(["a, b", "c"])));

    [Fact]
    public void Nothing_but_names_is_ever_echoed() =>
        Gen.String.Sample(text => PreflightHeaders.Allowed(text).Split(", ").All(name => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c))));
}
