using System.Globalization;
using Orion.Domain.Text;

namespace Orion.Application.Search;

/// <summary>A part of a snippet that the query matches.</summary>
/// <param name="Start">Its position in the snippet, in Unicode code points.</param>
/// <param name="Length">Its length, in Unicode code points.</param>
public sealed record Highlight(int Start, int Length);

/// <summary>The part of a text around the first match.</summary>
/// <param name="Text">The part, unchanged.</param>
/// <param name="Highlights">The matches in it, in their order.</param>
internal sealed record Snippet(string Text, IReadOnlyList<Highlight> Highlights)
{
    /// <summary>The longest snippet, in code points.</summary>
    internal const int MaxLength = 300;

    // In UTF-16 code units.
    private const int LengthBefore = 60;

    // Grapheme clusters are read from here, in UTF-16 code units before the match, and not from the beginning of a long text. The first one
    // may be cut; the others are right.
    private const int LengthOfClusters = 1_000;

    /// <summary>Makes the snippet of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="matches">The matches, in UTF-16 code units and in their order; at least one.</param>
    internal static Snippet Of(string text, IReadOnlyList<(int Start, int End)> matches)
    {
        var start = Start(text, matches[0].Start);
        var part = text[start..Math.Min(text.Length, start + (4 * MaxLength))];
        var snippet = TextRules.Truncate(part, MaxLength);
        // The grapheme cluster of the match is longer than a snippet.
        if (start + snippet.Length <= matches[0].Start) snippet = TextRules.TruncateCodePoints(part, MaxLength);

        var highlights = matches
            .Select(match => (Start: match.Start - start, End: match.End - start))
            .TakeWhile(match => match.Start < snippet.Length)
            .Select(match => (match.Start, ClusterEnd(snippet, match.Start, match.End)));
        return new Snippet(
            snippet,
            [.. SearchQuery.Merged([.. highlights]).Select(match => new Highlight(
                TextRules.CountCodePoints(snippet.AsSpan(0, match.Start)),
                TextRules.CountCodePoints(snippet.AsSpan(match.Start, match.End - match.Start))))]);
    }

    // The end of the grapheme cluster in which a match ends. Search ignores accents and skin tones, so a match may end before them.
    private static int ClusterEnd(string snippet, int start, int end)
    {
        while (start < Math.Min(end, snippet.Length)) start += StringInfo.GetNextTextElementLength(snippet, start);
        return start;
    }

    // The beginning of a word, or else of a grapheme cluster, with at least half of the length before the match.
    private static int Start(string text, int match)
    {
        var start = match - LengthBefore;
        if (start <= 0) return 0;
        for (var i = start; i < match - (LengthBefore / 2); i++)
        {
            if (char.IsWhiteSpace(text[i])) return i + 1;
        }

        var cluster = Math.Max(0, match - LengthOfClusters);
        while (cluster < start) cluster += StringInfo.GetNextTextElementLength(text.AsSpan(cluster, match - cluster));
        return cluster;
    }
}
