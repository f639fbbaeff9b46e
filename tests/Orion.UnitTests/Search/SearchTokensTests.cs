using System.Text;
using Orion.Application.Search;
using Orion.Domain.Users;

namespace Orion.UnitTests.Search;

public sealed class SearchTokensTests
{
    private static readonly UserId Owner = UserId.From(Guid.Parse("01900000-0000-7000-8000-000000000001"));
    private static readonly DateTimeOffset At = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Café CAFÉ cafe\u0301", "cafe")]
    [InlineData("Straße STRASSE", "strasse")]
    [InlineData("İstanbul ISTANBUL ıstanbul", "istanbul")]
    [InlineData("ΣΊΣΥΦΟΣ Σίσυφος", "σισυφοσ")]
    [InlineData("Ёлка елка", "елка")]
    [InlineData("مُحَمَّد محمد", "محمد")]
    [InlineData("ٱلسَّلَام السلام", "السلام")]
    [InlineData("שָׁלוֹם שלום", "שלום")]
    [InlineData("हिन्दी", "हिन्दी")]
    [InlineData("क़लम कलम", "कलम")]
    [InlineData("ﬁle ＦＩＬＥ", "file")]
    [InlineData("foo_bar", "foo bar")]
    [InlineData("Task.Delay(384,400)", "task delay 384 400")]
    [InlineData("ada@example.com", "ada example com")]
    [InlineData("٣٤ 34", "34")]
    [InlineData("日本語", "日本 本語 語")]
    [InlineData("水", "水")]
    [InlineData("한국", "한국 국")]
    [InlineData("\u1112\u1161\u11ab국", "한국 국")]
    [InlineData("ガ ｶﾞ カ\u3099", "カ\u3099 \u3099")]
    [InlineData("กา", "กา า")]
    [InlineData("👍🏽👍 👩‍💻", "👍 👩 💻")]
    [InlineData("soft\u00adhyphen", "softhyphen")]
    [InlineData("--- │ • …", "")]
    public void A_text_has_these_tokens(string text, string tokens)
    {
        Assert.Equal(tokens, string.Join(' ', Words(text)));
    }

    [Fact]
    public void Every_token_begins_with_its_owner_and_its_quarter_and_one_is_its_week()
    {
        var prefix = SearchTokens.Prefix(Owner, SearchPeriod.Of(At));
        var tokens = SearchTokens.Of("one two", Owner, At).Split(' ');
        Assert.Equal([prefix + SearchTokens.OfPeriod(SearchPeriod.Of(At)), prefix + "one", prefix + "two"], tokens);
        Assert.NotEqual(prefix, SearchTokens.Prefix(Owner, SearchPeriod.Of(At.AddDays(92))));
        Assert.NotEqual(prefix, SearchTokens.Prefix(UserId.New(At), SearchPeriod.Of(At)));
        Assert.NotEqual(SearchTokens.OfPeriod(SearchPeriod.Of(At)), SearchTokens.OfPeriod(SearchPeriod.Of(At.AddDays(7))));
    }

    [Fact]
    public void Tokens_are_small_whatever_the_text_is()
    {
        var random = new Random(1);
        var texts = new[]
        {
            new string('a', 100_000),
            string.Concat(Enumerable.Repeat("𝄞", 100_000)),
            string.Concat(Enumerable.Range(0, 100_000).Select(_ => new Rune(random.Next(0x4E00, 0x9FFF)))),
            string.Join(' ', Enumerable.Range(0, 16_000).Select(n => $"{n:x5}")),
            string.Concat(Enumerable.Repeat("\ufdfa", 10_000)),
        };
        foreach (var text in texts)
        {
            var tokens = SearchTokens.Of(text, Owner, At);
            Assert.InRange(Encoding.UTF8.GetByteCount(tokens.Replace(" ", "", StringComparison.Ordinal)), 1, SearchTokens.MaxTotalBytes);
            Assert.All(tokens.Split(' '), token => Assert.InRange(Encoding.UTF8.GetByteCount(token), 1, SearchTokens.MaxBytes));
        }
    }

    // Both databases divide at blanks only if there are no others of these.
    [Fact]
    public void Tokens_have_no_character_that_a_database_interprets()
    {
        var all = new StringBuilder();
        for (var point = 1; point <= 0x10FFFF; point++)
        {
            if (Rune.IsValid(point)) all.Append(new Rune(point)).Append(' ');
        }

        foreach (var part in all.ToString().Chunk(150_000))
        {
            foreach (var token in SearchTokens.Of(new string(part), Owner, At).Split(' '))
                Assert.All(token, unit => Assert.True(!char.IsAscii(unit) || char.IsAsciiLetterLower(unit) || char.IsAsciiDigit(unit), $"{token} has {(int)unit:X}"));
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        var prefix = SearchTokens.Prefix(Owner, SearchPeriod.Of(At));
        return SearchTokens.Of(text, Owner, At).Split(' ').Skip(1).Select(token => token[prefix.Length..]);
    }
}
