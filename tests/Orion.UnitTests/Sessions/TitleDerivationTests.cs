using CsCheck;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.UnitTests.Sessions;

public sealed class TitleDerivationTests
{
    private const string Ellipsis = "...";

    [Theory]
    [InlineData(1)]
    [InlineData(49)]
    [InlineData(50)]
    public void Up_to_50_characters_become_the_title_as_they_are(int length) => Assert.Equal("a".Times(length), Derived("a".Times(length)));

    [Theory]
    [InlineData(51)]
    [InlineData(100_000)]
    public void More_than_50_characters_are_cut_and_three_dots_are_added(int length) =>
        Assert.Equal("a".Times(50) + Ellipsis, Derived("a".Times(length)));

    [Fact]
    public void Blanks_around_the_message_are_left_out_before_it_is_measured()
    {
        Assert.Equal("hello", Derived("  \t\r\n hello \u00a0\u2003\u3000"));
        Assert.Equal("a".Times(50), Derived(" ".Times(60) + "a".Times(50) + "\n".Times(60)));
        Assert.Equal("a".Times(50) + Ellipsis, Derived(" ".Times(60) + "a".Times(51)));
    }

    [Fact]
    public void White_space_inside_the_message_stays() => Assert.Equal("a  b\r\n\tc", Derived("a  b\r\n\tc"));

    [Theory]
    [InlineData(" ")]
    [InlineData("\r\n\t")]
    [InlineData("\u00a0\u2003\u3000")]
    [InlineData(" \u200b\u2800 ")]
    public void A_blank_message_gives_no_title(string text) => Assert.Null(SessionTitle.Derive(Given.Content(text)));

    [Fact]
    public void Characters_are_code_points()
    {
        Assert.Equal(GraphemeClusters.Rocket.Times(50), Derived(GraphemeClusters.Rocket.Times(50)));
        Assert.Equal(GraphemeClusters.Rocket.Times(50) + Ellipsis, Derived(GraphemeClusters.Rocket.Times(51)));
    }

    [Theory]
    [InlineData(49, GraphemeClusters.Accented)]
    [InlineData(49, GraphemeClusters.Flag)]
    [InlineData(49, "\r\n")]
    [InlineData(44, GraphemeClusters.Family)]
    [InlineData(49, GraphemeClusters.Family)]
    [InlineData(49, "\U0001f44d\U0001f3fd")]
    public void A_grapheme_that_does_not_fit_is_left_out_whole(int before, string cluster) =>
        Assert.Equal("a".Times(before) + Ellipsis, Derived("a".Times(before) + cluster + "z"));

    [Theory]
    [InlineData(48, GraphemeClusters.Accented)]
    [InlineData(48, GraphemeClusters.Flag)]
    [InlineData(48, "\r\n")]
    [InlineData(43, GraphemeClusters.Family)]
    public void A_grapheme_that_just_fits_is_kept_whole(int before, string cluster) =>
        Assert.Equal("a".Times(before) + cluster + Ellipsis, Derived("a".Times(before) + cluster + "z"));

    [Fact]
    public void One_grapheme_longer_than_the_limit_is_cut_between_code_points()
    {
        Assert.Equal("e" + "\u0301".Times(49) + Ellipsis, Derived("e" + "\u0301".Times(60)));
        Assert.Equal((GraphemeClusters.Rocket + "\u200d").Times(25) + Ellipsis, Derived((GraphemeClusters.Rocket + "\u200d").Times(40) + GraphemeClusters.Rocket));
    }

    [Fact]
    public void Three_dots_of_the_message_itself_are_kept() => Assert.Equal("wait...", Derived("wait..."));

    [Fact]
    public void A_derived_title_is_the_trimmed_text_or_a_cut_of_it_with_three_dots() =>
        GraphemeClusters.Texts.Where(text => text.Length > 0).Sample(
            text =>
            {
                var trimmed = text.Trim();
                if (SessionTitle.Derive(Given.Content(text)) is not { } title)
                {
                    Assert.True(TextRules.IsBlank(trimmed));
                    return;
                }

                if (TextRules.CountCodePoints(trimmed) <= SessionTitle.DerivedLength)
                {
                    Assert.Equal(trimmed, title.Value);
                    return;
                }

                Assert.EndsWith(Ellipsis, title.Value, StringComparison.Ordinal);
                var cut = title.Value[..^Ellipsis.Length];
                Assert.True(cut.Length < trimmed.Length);
                GraphemeClusters.AssertIsCut(cut, trimmed, SessionTitle.DerivedLength);
            },
            iter: 2_000);

    [Fact]
    public void A_derived_title_is_a_valid_title() =>
        GraphemeClusters.Texts.Where(text => !TextRules.IsBlank(text)).Sample(
            text =>
            {
                var title = SessionTitle.Derive(Given.Content(text))!;
                Assert.Equal(title, SessionTitle.Parse(title.Value).Value);
            },
            iter: 1_000);

    private static string? Derived(string text) => SessionTitle.Derive(Given.Content(text))?.Value;
}
