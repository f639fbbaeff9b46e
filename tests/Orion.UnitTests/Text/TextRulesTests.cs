using System.Text;
using CsCheck;
using Orion.Domain.Text;

namespace Orion.UnitTests.Text;

public sealed class TextRulesTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("\r\n", 2)]
    [InlineData(GraphemeClusters.Accented, 2)]
    [InlineData(GraphemeClusters.Rocket, 1)]
    [InlineData(GraphemeClusters.Flag, 2)]
    [InlineData(GraphemeClusters.Family, 7)]
    public void Texts_are_measured_in_code_points(string text, int count) => Assert.Equal(count, TextRules.CountCodePoints(text));

    [Fact]
    public void The_count_is_that_of_the_runes() =>
        GraphemeClusters.Texts.Sample(text => TextRules.CountCodePoints(text) == text.EnumerateRunes().Count(), iter: 500);

    [Fact]
    public void A_text_is_storable_exactly_when_strict_UTF_8_accepts_it()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        GraphemeClusters.AnyUtf16.Sample(
            text =>
            {
                bool isEncodable;
                try
                {
                    isEncodable = strict.GetByteCount(text) >= 0;
                }
                catch (EncoderFallbackException)
                {
                    isEncodable = false;
                }

                Assert.Equal(isEncodable, TextRules.IsStorable(text));
            },
            iter: 5_000);
    }

    [Fact]
    public void An_unpaired_surrogate_is_not_storable_at_any_position()
    {
        string[] texts =
        [
            "\ud83d", "\ude80", "a\ud83d", "\ud83da", "a\ude80", "\ude80a", "\ude80\ud83d", "\ud83d\ud83d\ude80", "\ud83d\ude80\ude80",
        ];
        Assert.DoesNotContain(texts, text => TextRules.IsStorable(text));
    }

    [Fact]
    public void NUL_is_not_storable_and_every_other_control_character_is()
    {
        for (var unit = 0; unit < ' '; unit++) Assert.Equal(unit != 0, TextRules.IsStorable($"a{(char)unit}"));
        Assert.True(TextRules.IsStorable(""));
        Assert.True(TextRules.IsStorable("\u007f\u0085\ufffe\uffff\U0010ffff"));
    }

    [Theory]
    [InlineData("", 5, "")]
    [InlineData("abc", 5, "abc")]
    [InlineData("abcde", 5, "abcde")]
    [InlineData("abcdef", 5, "abcde")]
    [InlineData("ab" + GraphemeClusters.Rocket + "d", 4, "ab" + GraphemeClusters.Rocket + "d")]
    [InlineData("abc" + GraphemeClusters.Rocket + "d", 4, "abc" + GraphemeClusters.Rocket)]
    [InlineData("abc" + GraphemeClusters.Rocket, 3, "abc")]
    [InlineData("abc" + GraphemeClusters.Accented, 4, "abc")]
    [InlineData("abc" + GraphemeClusters.Accented + "x", 5, "abc" + GraphemeClusters.Accented)]
    [InlineData("abc\r\n", 4, "abc")]
    [InlineData("ab\r\nx", 4, "ab\r\n")]
    [InlineData("abc\n\r", 4, "abc\n")]
    [InlineData("abc" + GraphemeClusters.Flag, 4, "abc")]
    [InlineData(GraphemeClusters.Flag + GraphemeClusters.Flag, 3, GraphemeClusters.Flag)]
    [InlineData("a" + GraphemeClusters.Family, 7, "a")]
    [InlineData("a" + GraphemeClusters.Family + "x", 8, "a" + GraphemeClusters.Family)]
    [InlineData("a\U0001f44d\U0001f3fdx", 2, "a")]
    [InlineData("a1\ufe0f\u20e3x", 3, "a")]
    public void A_cut_is_the_longest_beginning_that_ends_between_graphemes(string text, int limit, string expected) =>
        Assert.Equal(expected, TextRules.Truncate(text, limit));

    [Fact]
    public void A_cluster_longer_than_the_limit_is_cut_between_code_points()
    {
        Assert.Equal("e\u0301\u0301", TextRules.Truncate("e" + "\u0301".Times(9), 3));
        Assert.Equal(
            GraphemeClusters.Rocket + "\u200d" + GraphemeClusters.Rocket,
            TextRules.Truncate(GraphemeClusters.Rocket + ("\u200d" + GraphemeClusters.Rocket).Times(9), 3));
        Assert.Equal("\r", TextRules.Truncate("\r\n", 1));
    }

    [Fact]
    public void A_long_cluster_behind_another_is_left_out() =>
        Assert.Equal("a", TextRules.Truncate("a" + "e" + "\u0301".Times(9), 3));

    [Fact]
    public void Every_cut_is_as_long_as_it_can_be_and_splits_nothing() =>
        Gen.Select(GraphemeClusters.Texts, Gen.Int[1, 120]).Sample(
            (text, limit) => GraphemeClusters.AssertIsCut(TextRules.Truncate(text, limit), text, limit), iter: 2_000);
}
