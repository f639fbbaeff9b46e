using System.Globalization;
using System.Numerics;
using System.Text;

namespace Orion.Domain.Text;

/// <summary>Measures texts in Unicode code points, and truncates them between grapheme clusters (UAX #29).</summary>
public static class TextRules
{
    private const int BlankBraillePattern = 0x2800;

    // For example, \ud83d.
    private const int EscapeLength = 6;

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

    /// <summary>Whether both databases and UTF-8 can store the text: it contains neither NUL nor unpaired surrogates.</summary>
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
    /// Finds the first unpaired surrogate that is escaped as <c>\uXXXX</c> in a JSON text. Returns its index, or -1. Such a text is valid
    /// JSON (RFC 8259, section 8.2), but many parsers reject it.
    /// </summary>
    /// <typeparam name="T">A UTF-8 byte or a UTF-16 character.</typeparam>
    /// <param name="json">A JSON text without raw unpaired surrogates.</param>
    /// <param name="start">The start index, which is not inside an escape sequence.</param>
    public static int IndexOfUnpairedEscape<T>(ReadOnlySpan<T> json, int start = 0)
        where T : unmanaged, IBinaryInteger<T>
    {
        while (json[start..].IndexOf(T.CreateTruncating('\\')) is >= 0 and var next)
        {
            var at = start + next;
            var unit = EscapedUnit(json[at..]);
            var isPair = char.IsHighSurrogate(unit) && char.IsLowSurrogate(EscapedUnit(json[(at + EscapeLength)..]));
            if (char.IsSurrogate(unit) && !isPair) return at;
            start = Math.Min(at + (isPair ? 2 * EscapeLength : 2), json.Length);
        }

        return -1;
    }

    /// <summary>Replaces unpaired surrogates that are escaped as <c>\uXXXX</c> by U+FFFD, or by another escape of the same length.</summary>
    public static string ReplaceUnpairedEscapes(string json, string replacement = @"\ufffd")
    {
        var at = IndexOfUnpairedEscape<char>(json);
        if (at < 0) return json;
        var text = json.ToCharArray();
        for (; at >= 0; at = IndexOfUnpairedEscape<char>(text, at + EscapeLength)) replacement.CopyTo(text.AsSpan(at));
        return new string(text);
    }

    /// <summary>Replaces NUL and unpaired surrogates by U+FFFD.</summary>
    public static string ReplaceUnstorable(string text)
    {
        if (IsStorable(text)) return text;
        var replaced = new StringBuilder(text.Length);
        // The enumerator replaces unpaired surrogates.
        foreach (var rune in text.EnumerateRunes()) replaced.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        return replaced.ToString();
    }

    /// <summary>
    /// Whether the text is invisible: White_Space, Default_Ignorable_Code_Point (both of Unicode 16.0) and the blank Braille pattern.
    /// </summary>
    public static bool IsBlank(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && rune.Value != BlankBraillePattern && !IsDefaultIgnorable(rune.Value)) return false;
        }

        return true;
    }

    /// <summary>
    /// The longest prefix of at most <paramref name="limit"/> code points that ends between grapheme clusters. If the first cluster is
    /// longer, the result is its first <paramref name="limit"/> code points.
    /// </summary>
    public static string Truncate(string text, int limit)
    {
        if (text.Length <= limit) return text;

        int end = 0, count = 0;
        while (end < text.Length)
        {
            var cluster = StringInfo.GetNextTextElementLength(text, end);
            count += CountCodePoints(text.AsSpan(end, cluster));
            if (count > limit) return end > 0 ? text[..end] : TruncateCodePoints(text, limit);
            end += cluster;
        }

        return text;
    }

    /// <summary>The first <paramref name="limit"/> code points, even if that divides a grapheme cluster.</summary>
    public static string TruncateCodePoints(string text, int limit)
    {
        if (text.Length <= limit) return text;

        var end = 0;
        for (var count = 0; count < limit && end < text.Length; count++)
        {
            Rune.DecodeFromUtf16(text.AsSpan(end), out _, out var units);
            end += units;
        }

        return text[..end];
    }

    // The UTF-16 code unit of the \uXXXX at the beginning of the text; NUL if there is none.
    private static char EscapedUnit<T>(ReadOnlySpan<T> json)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (json.Length < EscapeLength || json[0] != T.CreateTruncating('\\') || json[1] != T.CreateTruncating('u')) return '\0';
        Span<char> digits = [Character(json[2]), Character(json[3]), Character(json[4]), Character(json[5])];
        return ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : '\0';
    }

    private static char Character<T>(T unit)
        where T : unmanaged, IBinaryInteger<T> => (char)ushort.CreateTruncating(unit);

    // Unicode 16.0, DerivedCoreProperties.txt.
    private static bool IsDefaultIgnorable(int codePoint) => codePoint
        is 0x00AD or 0x034F or 0x061C or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or (>= 0x200B and <= 0x200F)
        or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0
        or (>= 0xFFF0 and <= 0xFFF8) or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);
}
