using System.Globalization;
using Orion.Domain.Users;

namespace Orion.UnitTests.Users;

public sealed class EmailAddressTests
{
    private const string Domain = "@example.com";

    [Theory]
    [InlineData("ada@example.com")]
    [InlineData("a@example.com")]
    [InlineData("first.last+tag@sub.example.com")]
    [InlineData("!#$%&'*/=?^_`{|}~-@example.com")]
    [InlineData("\"quoted\\\"@example.com")]
    public void Printable_ASCII_with_one_at_sign_between_is_an_address(string text)
    {
        Assert.True(EmailAddress.TryParse(text, out var address));
        Assert.Equal(text, address.Value);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("@example.com")]
    [InlineData("ada@@example.com")]
    [InlineData("ada@example.com@")]
    [InlineData("@ada@example.com")]
    [InlineData("ada@lovelace@example.com")]
    [InlineData(" ada@example.com")]
    [InlineData("ada@example.com ")]
    [InlineData("ada lovelace@example.com")]
    [InlineData("ada@example.com\n")]
    [InlineData("\tada@example.com")]
    [InlineData("ada\uff20example.com")]
    public void Any_other_text_is_not_an_address(string? text)
    {
        Assert.False(EmailAddress.TryParse(text, out var address));
        Assert.Null(address);
    }

    [Fact]
    public void Exactly_the_printable_ASCII_characters_without_the_at_sign_may_precede_it()
    {
        for (var unit = 0; unit <= char.MaxValue; unit++)
        {
            var character = (char)unit;
            var isAllowed = character is >= '!' and <= '~' and not '@';
            Assert.True(EmailAddress.TryParse($"a{character}b{Domain}", out _) == isAllowed, $"U+{unit:X4}");
        }
    }

    [Fact]
    public void An_address_has_at_most_254_characters()
    {
        var longest = new string('a', EmailAddress.MaxLength - Domain.Length) + Domain;

        Assert.Equal(254, longest.Length);
        Assert.True(EmailAddress.TryParse(longest, out _));
        Assert.False(EmailAddress.TryParse("a" + longest, out _));
    }

    [Fact]
    public void A_to_Z_are_folded_to_lower_case_and_nothing_else_is_changed()
    {
        Assert.True(EmailAddress.TryParse("ABCDEFGHIJKLMNOPQRSTUVWXYZ.[\\]^_`{|}@EXAMPLE.com", out var address));

        Assert.Equal("abcdefghijklmnopqrstuvwxyz.[\\]^_`{|}@example.com", address.Value);
    }

    [Fact]
    public void Folding_does_not_depend_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
            Assert.True(EmailAddress.TryParse("INFO@EXAMPLE.COM", out var address));
            Assert.Equal("info@example.com", address.Value);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Two_spellings_of_one_address_are_equal()
    {
        Assert.Equal(Given.Address("ADA@example.com"), Given.Address("ada@EXAMPLE.com"));
        Assert.NotEqual(Given.Address("ada@example.com"), Given.Address("ida@example.com"));
    }
}
