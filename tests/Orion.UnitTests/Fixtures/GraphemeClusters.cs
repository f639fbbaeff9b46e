using System.Globalization;
using CsCheck;
using Orion.Domain.Text;

namespace Orion.UnitTests.Fixtures;

/// <summary>Texts that are difficult to cut.</summary>
internal static class GraphemeClusters
{
    internal const string Family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466";
    internal const string Accented = "e\u0301";
    internal const string Flag = "\U0001f1e9\U0001f1ea";
    internal const string Rocket = "\U0001f680";

    // More than 50 code points in one cluster.
    private static readonly string Tower = "o" + new string('\u0308', 60);
    private static readonly string Chain = Rocket + string.Concat(Enumerable.Repeat("\u200d" + Rocket, 30));

    private static readonly string[] Pieces =
    [
        "a", "b", " ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "...", "\u00e9", "\u4e16", "\u0301", "\u200d", "\ufe0f", "\ufeff",
        Accented, Family, Flag, Rocket, "\U0001f1e9", "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3", "\u1112\u1161\u11ab", "\u0915\u094d\u0937",
        "\U0001d11e", Tower, Chain,
    ];

    /// <summary>Storable texts of up to 80 pieces.</summary>
    internal static Gen<string> Texts { get; } = Gen.Int[0, Pieces.Length - 1].Array[0, 80].Select(
        picked => string.Concat(picked.Select(piece => Pieces[piece])));

    /// <summary>Any UTF-16, unpaired surrogates included.</summary>
    internal static Gen<string> AnyUtf16 { get; } = Gen.Select(
        Gen.Int[0, 4].Array[0, 40], Gen.Int[0, 0x3ff].Array[40],
        (kinds, offsets) => new string(kinds.Select((kind, i) => kind switch
        {
            0 or 1 => (char)(0xd800 + offsets[i]),
            2 or 3 => (char)(0xdc00 + offsets[i]),
            _ => (char)('a' + (offsets[i] % 26)),
        }).ToArray()));

    internal static string Times(this string piece, int count) => string.Concat(Enumerable.Repeat(piece, count));

    /// <summary>
    /// The rule of a cut: it is a prefix that is not too long. It ends where a grapheme cluster of the whole text ends,
    /// and the next cluster would not fit; or the first cluster is too long, and the cut is its first code points.
    /// </summary>
    internal static void AssertIsCut(string cut, string text, int limit)
    {
        Assert.StartsWith(cut, text, StringComparison.Ordinal);
        Assert.True(TextRules.CountCodePoints(cut) <= limit, "The cut is too long.");
        if (cut.Length == text.Length) return;

        Assert.False(char.IsHighSurrogate(cut[^1]) && char.IsLowSurrogate(text[cut.Length]), "A surrogate pair is split.");
        var starts = StringInfo.ParseCombiningCharacters(text);
        var firstEnd = starts.Length > 1 ? starts[1] : text.Length;
        if (TextRules.CountCodePoints(text.AsSpan(0, firstEnd)) > limit)
        {
            Assert.Equal(limit, TextRules.CountCodePoints(cut));
            return;
        }

        var next = Array.IndexOf(starts, cut.Length);
        Assert.True(next > 0, "A cluster is split.");
        var nextEnd = next + 1 < starts.Length ? starts[next + 1] : text.Length;
        Assert.True(TextRules.CountCodePoints(text.AsSpan(0, nextEnd)) > limit, "The next cluster would have fitted.");
    }
}
