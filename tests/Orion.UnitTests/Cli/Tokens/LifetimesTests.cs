using Orion.Cli.Tokens;

namespace Orion.UnitTests.Cli.Tokens;

public sealed class LifetimesTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("90", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h", 3600)]
    [InlineData("2d", 172_800)]
    public void A_number_and_a_unit_is_a_lifetime(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Lifetimes.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("0s")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData(" 1h")]
    [InlineData("1w")]
    [InlineData("99999d")]
    [InlineData("99999999999s")]
    public void Any_other_text_is_not_a_lifetime(string text) => Assert.Null(Lifetimes.Parse(text));
}
