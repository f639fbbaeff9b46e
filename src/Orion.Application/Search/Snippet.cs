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

    /// <summary>Makes the snippet of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="matches">The matches, in UTF-16 code units and in their order; at least one.</param>
    internal static Snippet Of(string text, IReadOnlyList<(int Start, int End)> matches)
    {
        var start = Start(text, matches[0].Start);
        var snippet = TextRules.Truncate(text[start..Math.Min(text.Length, start + (4 * MaxLength))], MaxLength);
        var highlights = matches
            .Select(match => (match.Start, End: Math.Min(match.End, start + snippet.Length)))
            .Where(match => match.Start < match.End)
            .Select(match => new Highlight(
                TextRules.CountCodePoints(text.AsSpan(start, match.Start - start)),
                TextRules.CountCodePoints(text.AsSpan(match.Start, match.End - match.Start))));
        return new Snippet(snippet, [.. highlights]);
    }

    // The beginning of a word, or of the match if there is no blank before it.
    private static int Start(string text, int match)
    {
        if (match <= LengthBefore) return 0;
        var before = text.AsSpan(match - LengthBefore, LengthBefore);
        for (var i = 0; i < before.Length; i++)
        {
            if (char.IsWhiteSpace(before[i])) return match - LengthBefore + i + 1;
        }

        return match;
    }
}
