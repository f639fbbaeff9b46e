using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messages;

public sealed class MessageContentTests
{
    private const string Rocket = "\U0001f680";

    [Theory]
    [InlineData("x")]
    [InlineData("  blanks around  ")]
    [InlineData(" ")]
    [InlineData("\r\n\t")]
    [InlineData("\u0001\u001f\u007f\u2028\ufeff\uffff")]
    [InlineData("<script>&quot;\\")]
    public void A_text_is_not_changed(string text) => Assert.Equal(text, MessageContent.Parse(text).Value.Value);

    [Fact]
    public void An_empty_text_is_rejected() => Assert.Equal("validation_failed", MessageContent.Parse("").Error?.Code);

    [Fact]
    public void A_text_has_at_most_100_000_code_points()
    {
        Assert.Null(MessageContent.Parse(new string('a', 100_000)).Error);
        Assert.Equal("validation_failed", MessageContent.Parse(new string('a', 100_001)).Error?.Code);
        Assert.Null(MessageContent.Parse(string.Concat(Enumerable.Repeat(Rocket, 100_000))).Error);
        Assert.Equal("validation_failed", MessageContent.Parse(string.Concat(Enumerable.Repeat(Rocket, 100_001))).Error?.Code);
    }

    [Fact]
    public void A_text_that_is_not_storable_is_rejected()
    {
        foreach (var text in new[] { "\0", "a\0", "\ud83d", "\ude80", "a\ud83d", "\ude80a", "\ud83d\ud83d" })
            Assert.Equal(SessionErrors.NotStorable, MessageContent.Parse(text).Error);
    }

    [Fact]
    public void A_preview_is_the_first_1_000_code_points()
    {
        Assert.Equal(new string('a', 1_000), Given.Content(new string('a', 1_000)).Preview);
        Assert.Equal(new string('a', 1_000), Given.Content(new string('a', 1_000) + "b").Preview);
        Assert.Equal(
            string.Concat(Enumerable.Repeat(Rocket, 1_000)),
            Given.Content(string.Concat(Enumerable.Repeat(Rocket, 1_001))).Preview);
    }

    [Fact]
    public void A_preview_ends_between_graphemes() =>
        Assert.Equal(new string('a', 999), Given.Content(new string('a', 999) + "e\u0301" + "z").Preview);

    [Fact]
    public void A_preview_is_not_trimmed() => Assert.Equal(" hello ", Given.Content(" hello ").Preview);

    [Theory]
    [InlineData("user", MessageRole.User)]
    [InlineData("assistant", MessageRole.Assistant)]
    public void A_role_is_one_of_two_words(string word, MessageRole role)
    {
        Assert.Equal(role, MessageRoles.Parse(word).Value);
        Assert.Equal(word, role.ToName());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("User")]
    [InlineData("ASSISTANT")]
    [InlineData(" user")]
    [InlineData("user ")]
    [InlineData("system")]
    [InlineData("tool")]
    [InlineData("0")]
    public void Any_other_word_is_not_a_role(string? word) => Assert.Equal(MessageRoles.Invalid, MessageRoles.Parse(word).Error);
}
