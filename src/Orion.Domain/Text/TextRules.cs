using System.Globalization;
using System.Text;

namespace Orion.Domain.Text;

/// <summary>How texts are measured and cut: in Unicode code points, cut between grapheme clusters (UAX #29).</summary>
public static class TextRules
{
    /// <summary>The number of Unicode code points.</summary>
    public static int CountCodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            if (!char.IsLowSurrogate(unit)) count++;
        }

        return count;
    }

    /// <summary>Whether both databases and UTF-8 can hold the text: no NUL, no surrogate without its other half.</summary>
    public static bool IsStorable(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0')) return false;
        for (var i = text.IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }

    /// <summary>
    /// The longest beginning of at most <paramref name="limit"/> code points that ends between grapheme clusters;
    /// where the first cluster alone is longer, its first <paramref name="limit"/> code points.
    /// </summary>
    public static string Cut(string text, int limit)
    {
        if (text.Length <= limit) return text;

        int end = 0, taken = 0;
        while (end < text.Length)
        {
            var cluster = StringInfo.GetNextTextElementLength(text, end);
            taken += CountCodePoints(text.AsSpan(end, cluster));
            if (taken > limit) return end > 0 ? text[..end] : CutCodePoints(text, limit);
            end += cluster;
        }

        return text;
    }

    private static string CutCodePoints(string text, int limit)
    {
        var end = 0;
        for (var taken = 0; taken < limit; taken++)
        {
            Rune.DecodeFromUtf16(text.AsSpan(end), out _, out var units);
            end += units;
        }

        return text[..end];
    }
}
