namespace Orion.Application.Search;

/// <summary>
/// The words that a text must contain. The index finds the texts that may match, and <see cref="FindMatches"/> decides, so that both
/// databases give the same results.
/// </summary>
public sealed class SearchQuery
{
    // Phones and word processors insert others than the keyboard has.
    private static readonly char[] Quotes = ['"', '“', '”', '„', '‟', '«', '»'];

    private readonly List<Phrase> _phrases = [];

    private SearchQuery()
    {
    }

    /// <summary>The number of words, as they are separated by blanks.</summary>
    internal int WordCount { get; private set; }

    /// <summary>Whether there is nothing to look for: the query consists of punctuation.</summary>
    internal bool IsEmpty => _phrases.Count == 0;

    /// <summary>Reads a query. What follows a quotation mark without a second one is a phrase up to the end, and its last word may be a beginning.</summary>
    internal static SearchQuery Parse(string text)
    {
        var query = new SearchQuery();
        var parts = text.Split(Quotes);
        var last = Array.FindLastIndex(parts, part => !string.IsNullOrWhiteSpace(part));
        for (var i = 0; i < parts.Length; i++)
        {
            var words = parts[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            query.WordCount += words.Length;
            var isQuoted = i % 2 == 1;
            var isLast = i >= last;
            if (isQuoted) query.Add(parts[i], isLast && i == parts.Length - 1);
            else for (var n = 0; n < words.Length; n++) query.Add(words[n], isLast && n == words.Length - 1);
        }

        return query;
    }

    /// <summary>The tokens that a text must have, without their prefix, and whether each may be the beginning of one.</summary>
    public IReadOnlyList<(string Token, bool IsBeginning)> Tokens() =>
        [.. _phrases.SelectMany(phrase => phrase.Tokens()).Distinct()];

    /// <summary>The ranges of the words in a text, in UTF-16 code units and in their order; null if one of the words is missing.</summary>
    internal IReadOnlyList<(int Start, int End)>? FindMatches(string text)
    {
        var analyzed = new AnalyzedText(text);
        var matches = new List<(int Start, int End)>();
        foreach (var phrase in _phrases)
        {
            if (!phrase.AddMatches(analyzed, matches)) return null;
        }

        return Merged(matches);
    }

    private void Add(string text, bool mayBeBeginning)
    {
        var analyzed = new AnalyzedText(text);
        if (analyzed.Terms.Count == 0) return;
        // What is followed by punctuation is not a beginning.
        _phrases.Add(new Phrase(analyzed, mayBeBeginning && analyzed.Terms[^1].SourceEnd == text.Length));
    }

    /// <summary>Sorts ranges, and merges those that overlap or touch.</summary>
    internal static List<(int Start, int End)> Merged(List<(int Start, int End)> ranges)
    {
        ranges.Sort();
        var merged = new List<(int Start, int End)>(ranges.Count);
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && range.Start <= merged[^1].End) merged[^1] = (merged[^1].Start, Math.Max(merged[^1].End, range.End));
            else merged.Add(range);
        }

        return merged;
    }

    // The terms of a word or of a quotation, which follow each other. Between them is no more than in the query.
    private sealed class Phrase(AnalyzedText query, bool endsWithBeginning)
    {
        internal IEnumerable<(string Token, bool IsBeginning)> Tokens()
        {
            for (var i = 0; i < query.Terms.Count; i++)
            {
                var isCharacter = query.Terms[i].Kind == TermKind.Character;
                var hasNext = isCharacter && SearchTokens.HasNext(query, i);
                // The last character of several is part of the token before.
                if (isCharacter && !hasNext && i > 0 && query.Terms[i - 1].Kind == TermKind.Character && query.Terms[i].Gap == TermGap.None) continue;
                var isBeginning = isCharacter ? !hasNext : IsBeginning(i);
                yield return (SearchTokens.Token(query, i).ToString(), isBeginning);
            }
        }

        internal bool AddMatches(AnalyzedText text, List<(int Start, int End)> matches)
        {
            var before = matches.Count;
            for (var start = 0; start + query.Terms.Count <= text.Terms.Count; start++)
            {
                if (IsAt(text, start)) matches.Add((text.Terms[start].SourceStart, text.Terms[start + query.Terms.Count - 1].SourceEnd));
            }

            return matches.Count > before;
        }

        private bool IsAt(AnalyzedText text, int start)
        {
            for (var i = 0; i < query.Terms.Count; i++)
            {
                var (wanted, found) = (query.Terms[i], text.Terms[start + i]);
                if (wanted.Kind != found.Kind || (i > 0 && found.Gap > wanted.Gap)) return false;
                if (!(IsBeginning(i) ? text[found].StartsWith(query[wanted]) : text[found].SequenceEqual(query[wanted]))) return false;
            }

            return true;
        }

        private bool IsBeginning(int index) =>
            endsWithBeginning && index == query.Terms.Count - 1 && query.Terms[index].Kind == TermKind.Word;
    }
}
