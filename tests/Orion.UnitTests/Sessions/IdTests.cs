using System.Text.RegularExpressions;
using CsCheck;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.UnitTests.Sessions;

public sealed partial class IdTests
{
    private const string Spelling = "0195a5c1-3abc-7def-8000-0123456789ab";
    private const string Symbols = "0123456789abcdefABCDEF-xX+ gG{}(),\u0661";

    [Theory]
    [InlineData(Spelling)]
    [InlineData("0195A5C1-3ABC-7DEF-8000-0123456789AB")]
    [InlineData("0195a5C1-3aBc-7deF-8000-0123456789aB")]
    public void An_id_is_read_in_any_case_and_written_in_lower_case(string text)
    {
        Assert.Equal(Spelling, SessionId.Parse(text)?.ToString());
        Assert.Equal(Spelling, MessageId.Parse(text)?.ToString());
    }

    [Theory]
    [InlineData("c0ffee00-0000-1000-8000-000000000001")]
    [InlineData("c0ffee00-0000-4000-8000-000000000001")]
    [InlineData("00000000-0000-0000-0000-000000000001")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff")]
    public void An_id_of_any_version_is_read(string text)
    {
        Assert.Equal(new Guid(text), SessionId.Parse(text)?.Value);
        Assert.Equal(new Guid(text), MessageId.Parse(text)?.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("                                    ")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("0195a5c13abc7def80000123456789ab")]
    [InlineData("{0195a5c1-3abc-7def-8000-0123456789ab}")]
    [InlineData("(0195a5c1-3abc-7def-8000-0123456789ab)")]
    [InlineData("urn:uuid:0195a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("{0195a5c1-3abc-7def-8000-0123456789}")]
    [InlineData(" 0195a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("0195a5c1-3abc-7def-8000-0123456789ab ")]
    [InlineData("0195a5c1-3abc-7def-8000-0123456789ab\n")]
    [InlineData(" 195a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("0195a5c1-3abc-7def-8000-0123456789a ")]
    [InlineData("0x95a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("0195a5c1-0xbc-7def-8000-0123456789ab")]
    [InlineData("0195a5c1-3abc-0Xef-8000-0123456789ab")]
    [InlineData("+195a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("0195a5c1-+abc-7def-8000-0123456789ab")]
    [InlineData("0195a5c1-3abc-7def-8000-+123456789ab")]
    [InlineData("-195a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("0195a5c13-abc-7def-8000-0123456789ab")]
    [InlineData("0195a5c1-3abc-7def-80000-123456789ab")]
    [InlineData("0195a5c1-3abc-7def-8000-0123456789ag")]
    [InlineData("0195a5c1-3abc-7def-8000-0123456789a")]
    [InlineData("0195a5c1-3abc-7def-8000-0123456789abc")]
    [InlineData("0195a5c1_3abc_7def_8000_0123456789ab")]
    [InlineData("0195a5c1\u20103abc\u20107def\u20108000\u20100123456789ab")]
    [InlineData("\u0660195a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("\uff10195a5c1-3abc-7def-8000-0123456789ab")]
    [InlineData("{0x0195a5c1,0x3abc,0x7def,{0x80,0x00,0x01,0x23,0x45,0x67,0x89,0xab}}")]
    [InlineData("create")]
    public void Any_other_spelling_is_not_an_id(string? text)
    {
        Assert.Null(SessionId.Parse(text));
        Assert.Null(MessageId.Parse(text));
    }

    [Fact]
    public void A_spelling_with_some_characters_exchanged_is_an_id_exactly_when_it_is_hex_and_hyphens_in_their_places() =>
        Gen.Select(Gen.Int[0, 35], Gen.Int[0, Symbols.Length - 1]).Array[0, 4].Sample(
            changes =>
            {
                var text = Spelling.ToCharArray();
                foreach (var (at, symbol) in changes) text[at] = Symbols[symbol];
                var spelled = new string(text);
                Assert.Equal(OnlySpelling().IsMatch(spelled), SessionId.Parse(spelled) is not null);
            },
            iter: 5_000);

    [Fact]
    public void An_id_that_Orion_makes_is_a_UUID_of_version_7_that_holds_its_time()
    {
        var id = SessionId.New(Given.Now);

        Assert.Equal(7, id.Value.Version);
        Assert.Equal(7, MessageId.New(Given.Now).Value.Version);
        Assert.StartsWith(Given.Now.ToUnixTimeMilliseconds().ToString("x12", null), id.Value.ToString("N"), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_of_later_milliseconds_come_later()
    {
        var earlier = SessionId.New(Given.Now);
        var later = SessionId.New(Given.Now.AddMilliseconds(1));

        Assert.True(earlier < later);
        Assert.True(later > earlier);
        Assert.False(earlier < SessionId.From(earlier.Value));
    }

    [Fact]
    public void No_made_id_is_the_unassigned_one()
    {
        Assert.Equal("ffffffff-ffff-ffff-ffff-ffffffffffff", SessionId.Unassigned.ToString());
        Assert.Equal("ffffffff-ffff-ffff-ffff-ffffffffffff", MessageId.Unassigned.ToString());
        Assert.True(SessionId.New(Given.Now) < SessionId.Unassigned);
    }

    [Fact]
    public void A_default_id_is_not_a_valid_id()
    {
        Assert.Throws<ArgumentException>(() => default(SessionId).Value);
        Assert.Throws<ArgumentException>(() => default(MessageId).Value);
        Assert.Throws<ArgumentException>(() => default(UserId).Value);
        Assert.Throws<ArgumentException>(() => SessionId.From(Guid.Empty));
        Assert.Throws<ArgumentException>(() => MessageId.From(Guid.Empty));
        Assert.Throws<ArgumentException>(() => UserId.From(Guid.Empty));
    }

    [GeneratedRegex(@"\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OnlySpelling();
}
