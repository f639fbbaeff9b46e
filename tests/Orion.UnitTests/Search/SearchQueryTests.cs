using System.Globalization;
using CsCheck;
using Orion.Application.Search;

namespace Orion.UnitTests.Search;

public sealed class SearchQueryTests
{
    [Theory]
    [InlineData("one two", "one two:*")]
    [InlineData("one two.", "one two")]
    [InlineData("\"one two\"", "one two")]
    [InlineData("\"one two", "one two:*")]
    [InlineData("“one two” three", "one two three:*")]
    [InlineData("\"one two\" three", "one two three:*")]
    [InlineData("Task.Del", "task del:*")]
    [InlineData("水", "水:*")]
    [InlineData("日本語 x", "日本 本語 x:*")]
    [InlineData("👍", "👍")]
    [InlineData("+ -", "")]
    public void A_query_looks_for_these_tokens(string query, string tokens) => Assert.Equal(
        tokens, string.Join(' ', SearchQuery.Parse(query).Tokens().Select(token => token.Token + (token.IsBeginning ? ":*" : ""))));

    // A reading that looks at the rest of the query for each quotation mark would take hours.
    [Fact]
    public void A_query_of_quotation_marks_is_read_once() => Assert.True(SearchQuery.Parse(new string('"', 2_000_000)).IsEmpty);

    [Theory]
    [InlineData("fox", "The quick brown fox", "fox")]
    [InlineData("quick fo", "The quick brown fox", "quick|fox")]
    [InlineData("fo quick", "The quick brown fox", null)]
    [InlineData("\"quick brown\"", "The quick  brown fox", "quick  brown")]
    [InlineData("\"brown quick\"", "The quick brown fox", null)]
    [InlineData("“quick brown”", "The quick  brown fox", "quick  brown")]
    [InlineData("“brown quick”", "The quick brown fox", null)]
    [InlineData("„brown quick“", "The quick brown fox", null)]
    [InlineData("«brown quick»", "The quick brown fox", null)]
    [InlineData("\"quick fox\"", "The quick brown fox", null)]
    [InlineData("task.delay", "await Task.Delay(1)", "Task.Delay")]
    [InlineData("task.delay", "Delay the task", null)]
    [InlineData("task.delay", "task delay", null)]
    [InlineData("\"task delay\"", "Task.Delay", "Task.Delay")]
    [InlineData("384,400", "384,400 km", "384,400")]
    [InlineData("384,400", "400 of 384", null)]
    [InlineData("don't", "I don’t", "don’t")]
    [InlineData("本", "日本語", "本")]
    [InlineData("日語", "日本語", null)]
    [InlineData("strasse", "Die Straße!", "Straße")]
    [InlineData("👩‍💻", "Hi 👩‍💻", "👩‍💻")]
    [InlineData("one two", "one", null)]
    public void A_text_matches_if_it_contains_all_words_and_phrases(string query, string text, string? matches)
    {
        var found = SearchQuery.Parse(query).FindMatches(text);
        Assert.Equal(matches, found is null ? null : string.Join('|', found.Select(match => text[match.Start..match.End])));
    }

    [Fact]
    public void A_snippet_begins_with_a_word_before_the_match_and_counts_code_points()
    {
        var text = string.Concat(Enumerable.Repeat("👍 filler words ", 40)) + "The needle is here. " + new string('x', 1000);
        var snippet = Snippet.Of(text, SearchQuery.Parse("needle").FindMatches(text)!);
        var highlight = Assert.Single(snippet.Highlights);
        var points = snippet.Text.EnumerateRunes().ToList();
        Assert.Equal(Snippet.MaxLength, points.Count);
        Assert.Equal("needle", string.Concat(points.Skip(highlight.Start).Take(highlight.Length)));
        Assert.False(char.IsWhiteSpace(snippet.Text[0]));
        Assert.Contains(" The needle", snippet.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("球", 130, "月亮", "月亮", 60)]
    [InlineData("👨‍👩‍👦", 130, "👨‍👩‍👧", "👧", 60)]
    [InlineData("🇩🇪", 130, "月", "月", 60)]
    [InlineData("e\u0301\u0302", 130, "月", "月", 60)]
    [InlineData("x", 130, " 月", "月", 60)]
    [InlineData("x ", 130, "月", "月", 59)]
    [InlineData("x", 10, "月", "月", 10)]
    public void A_snippet_begins_about_60_characters_before_the_match_on_a_grapheme_cluster(
        string filler, int count, string found, string query, int before)
    {
        var text = string.Concat(Enumerable.Repeat(filler, count)) + found + new string('。', 1000);
        var matches = SearchQuery.Parse(query).FindMatches(text)!;
        var snippet = Snippet.Of(text, matches);
        var match = snippet.Text.IndexOf(query, StringComparison.Ordinal);
        Assert.InRange(match, before - filler.Length, before);
        Assert.Contains(matches[0].Start - match, StringInfo.ParseCombiningCharacters(text));
    }

    [Theory]
    [InlineData("deja", "Un de\u0301ja\u0300, vu", "de\u0301ja\u0300")]
    [InlineData("محمد", "مُحَمَّدٌ", "مُحَمَّدٌ")]
    [InlineData("👍", "👍🏽 or 👍", "👍🏽|👍")]
    [InlineData("❤", "I \u2764\ufe0f it", "\u2764\ufe0f")]
    [InlineData("👧", "👨‍👩‍👧", "👧")]
    [InlineData("👨", "👨‍👩‍👧", "👨‍👩‍👧")]
    [InlineData("月", "月\u030a月 月", "月\u030a月|月")]
    public void A_highlight_ends_with_a_grapheme_cluster(string query, string text, string highlighted)
    {
        var snippet = Snippet.Of(text, SearchQuery.Parse(query).FindMatches(text)!);
        var points = snippet.Text.EnumerateRunes().ToList();
        Assert.Equal(highlighted, string.Join('|', snippet.Highlights.Select(part => string.Concat(points.Skip(part.Start).Take(part.Length)))));
    }

    [Fact]
    public void A_match_longer_than_a_snippet_is_highlighted_as_far_as_it_is_shown()
    {
        var text = "Before " + new string('y', 10_000);
        var snippet = Snippet.Of(text, SearchQuery.Parse("yyy").FindMatches(text)!);
        Assert.Equal([new Highlight(7, Snippet.MaxLength - 7)], snippet.Highlights);
    }

    [Fact]
    public void Highlights_are_in_the_snippet_in_order_and_do_not_overlap()
    {
        string[] pieces = [
            "👍", "👩‍💻", "moon", "Mo\u0301on", "MOON", " ", ", ", "月", "月球", "ﬁ", "½", "\u0301", "\u0301\u0302", "x",
            "moonmoon", "🇩🇪", "Straße", "\n", new string('m', 400), "👨‍👩‍👧", new string('\u0301', 400)];
        string[] queries = ["moon", "mo", "m", "月", "\"月球\"", "👍", "fi", "1", "moon 月", "\"moon moon\" moon", "moon mo", "s", "x moon"];
        Gen.Int[0, pieces.Length - 1].Array[1, 120].Sample(chosen =>
        {
            var text = string.Concat(chosen.Select(piece => pieces[piece]));
            foreach (var query in queries)
            {
                if (SearchQuery.Parse(query).FindMatches(text) is not { } matches) continue;
                var snippet = Snippet.Of(text, matches);
                var length = snippet.Text.EnumerateRunes().Count();
                Assert.InRange(length, 1, Snippet.MaxLength);
                Assert.Contains(snippet.Text, text, StringComparison.Ordinal);
                Assert.False(char.IsLowSurrogate(snippet.Text[0]) || char.IsHighSurrogate(snippet.Text[^1]));
                Assert.NotEmpty(snippet.Highlights);
                var end = -1;
                foreach (var highlight in snippet.Highlights)
                {
                    Assert.True(highlight.Start > end && highlight.Length > 0, $"{query} in {text}");
                    end = highlight.Start + highlight.Length;
                }

                Assert.InRange(end, 1, length);
            }
        }, iter: 30);
    }
}
