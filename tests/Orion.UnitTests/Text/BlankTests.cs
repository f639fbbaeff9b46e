using CsCheck;
using Orion.Domain.Text;

namespace Orion.UnitTests.Text;

public sealed class BlankTests
{
    // The ends of each range of Default_Ignorable_Code_Point in Unicode 16.0, and their neighbors.
    private static readonly (int First, int Last)[] Ignorable =
    [
        (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E),
        (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ];

    [Fact]
    public void Ignorable_characters_are_blank_and_their_neighbours_are_not()
    {
        foreach (var (first, last) in Ignorable)
        {
            Assert.True(IsBlank(first) && IsBlank(last), $"{first:x}");
            Assert.False(IsBlank(first - 1) && !char.IsWhiteSpace((char)(first - 1)), $"{first - 1:x}");
            Assert.False(IsBlank(last + 1) && !char.IsWhiteSpace((char)(last + 1)), $"{last + 1:x}");
        }

        Assert.True(IsBlank(0x2800));
        Assert.False(IsBlank(0x2801));
    }

    [Fact]
    public void All_white_space_is_blank_and_nothing_that_is_printed_in_ASCII()
    {
        for (var unit = '\0'; unit < 0x100; unit++) Assert.Equal(char.IsWhiteSpace(unit) || unit == '\u00ad', TextRules.IsBlank(unit.ToString()));
        Assert.True(TextRules.IsBlank(""));
    }

    [Fact]
    public void A_text_is_blank_when_all_of_its_parts_are() =>
        Gen.Select(GraphemeClusters.Texts, GraphemeClusters.Texts).Sample((a, b) => TextRules.IsBlank(a + b) == (TextRules.IsBlank(a) && TextRules.IsBlank(b)));

    private static bool IsBlank(int codePoint) => TextRules.IsBlank(char.ConvertFromUtf32(codePoint));
}
