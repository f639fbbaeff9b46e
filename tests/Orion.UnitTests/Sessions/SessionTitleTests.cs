using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class SessionTitleTests
{
    [Theory]
    [InlineData("x")]
    [InlineData("New Chat")]
    [InlineData("  kept as it came  ")]
    [InlineData("two\nlines")]
    [InlineData("\u202eright to left")]
    [InlineData("\u200ba")]
    [InlineData("\u2801")]
    public void A_title_is_not_changed(string text) => Assert.Equal(text, SessionTitle.Parse(text).Value.Value);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\t\r\n")]
    [InlineData("\u00a0\u2003\u3000")]
    [InlineData("\u200b")]
    [InlineData("\u2800")]
    [InlineData(" \u2800\u200b\ufeff\u00ad\u3164\u115f\u2060\ufe0f\U000e0041 ")]
    public void A_blank_title_is_rejected(string text) => Assert.Equal("validation_failed", SessionTitle.Parse(text).Error?.Code);

    [Fact]
    public void A_title_has_at_most_200_code_points()
    {
        Assert.Null(SessionTitle.Parse(new string('a', 200)).Error);
        Assert.Equal("validation_failed", SessionTitle.Parse(new string('a', 201)).Error?.Code);
    }

    [Fact]
    public void Code_points_are_counted_not_UTF_16_units_or_graphemes()
    {
        var emoji = string.Concat(Enumerable.Repeat("\U0001f680", 200));
        var accents = string.Concat(Enumerable.Repeat("e\u0301", 100));

        Assert.Null(SessionTitle.Parse(emoji).Error);
        Assert.NotNull(SessionTitle.Parse(emoji + "a").Error);
        Assert.Null(SessionTitle.Parse(accents).Error);
        Assert.NotNull(SessionTitle.Parse(accents + "a").Error);
    }

    [Fact]
    public void A_title_that_is_not_storable_is_rejected()
    {
        foreach (var text in new[] { "a\0b", "\0", "\ud83d", "a\ude80", "\ude80\ud83d", "\ud83d\ud83d\ude80" })
            Assert.Equal(SessionErrors.NotStorable, SessionTitle.Parse(text).Error);
    }

    [Fact]
    public void Two_titles_of_one_text_are_equal_and_case_counts()
    {
        Assert.Equal(Given.Title("Ada"), Given.Title("Ada"));
        Assert.NotEqual(Given.Title("Ada"), Given.Title("ada"));
        Assert.NotEqual(Given.Title("\u00e9"), Given.Title("e\u0301"));
    }

    [Fact]
    public void The_error_is_invalid_and_names_the_limit() =>
        Assert.Equal(
            new Error(ErrorKind.Invalid, "validation_failed", "The title must have at most 200 characters."),
            SessionTitle.Parse(new string('a', 201)).Error);
}
