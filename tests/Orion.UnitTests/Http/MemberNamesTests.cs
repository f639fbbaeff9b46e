using CsCheck;
using Orion.Api.Http;
using Orion.Domain.Text;

namespace Orion.UnitTests.Http;

public sealed class MemberNamesTests
{
    [Theory]
    [InlineData("owner", "owner")]
    [InlineData("имя", "имя")]
    [InlineData("名前 é", "名前 é")]
    [InlineData("🚀", "🚀")]
    [InlineData("a\u202eb\r\n\u2028c\u200b\u00a0\U000e0041", "abc")]
    [InlineData("", MemberNames.Unprintable)]
    [InlineData(" ", MemberNames.Unprintable)]
    [InlineData("\u200b\ue000", MemberNames.Unprintable)]
    public void A_name_is_echoed_as_far_as_it_can_be_printed(string name, string echo) => Assert.Equal(echo, MemberNames.Echo(name));

    [Fact]
    public void An_echo_is_never_empty_longer_than_64_characters_or_unsafe_to_print() =>
        Gen.String[0, 200].Sample(name =>
        {
            var echo = MemberNames.Echo(name);
            Assert.InRange(TextRules.CountCodePoints(echo), 1, MemberNames.MaxLength);
            Assert.True(TextRules.IsStorable(echo));
            Assert.DoesNotContain(echo, unit => char.IsControl(unit));
        });
}
