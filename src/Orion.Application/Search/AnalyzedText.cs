using System.Globalization;
using System.Text;

namespace Orion.Application.Search;

/// <summary>What is between a term and the one before it.</summary>
internal enum TermGap
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Punctuation or symbols.</summary>
    Punctuation,

    /// <summary>A blank, or the beginning of the text.</summary>
    Blank,
}

/// <summary>The kind of a term.</summary>
internal enum TermKind
{
    /// <summary>A word, or a number, or a part of one between punctuation marks.</summary>
    Word,

    /// <summary>A character of a script that is written without blanks between words, or of Hangul, whose words have endings.</summary>
    Character,

    /// <summary>An emoji.</summary>
    Symbol,
}

/// <summary>A unit of a text that search distinguishes.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Gap">What precedes it.</param>
/// <param name="Start">Its position in the folded text.</param>
/// <param name="End">The end of that position.</param>
/// <param name="SourceStart">Its position in the text, in UTF-16 code units.</param>
/// <param name="SourceEnd">The end of that position.</param>
internal readonly record struct Term(TermKind Kind, TermGap Gap, int Start, int End, int SourceStart, int SourceEnd);

/// <summary>
/// The terms of a text, for indexing, for queries and for matching: words as UAX #29 defines them, but divided at the punctuation within a
/// word, so that <c>foo_bar</c>, <c>Task.Delay</c> and <c>384,400</c> are found by their parts, too. The gap between two terms tells whether
/// they belong to one word.
/// </summary>
internal sealed class AnalyzedText
{
    // Hangul syllables are composed algorithmically (Unicode, section 3.12).
    private const int HangulSyllables = 0xAC00;
    private const int LeadingConsonants = 0x1100;
    private const int Vowels = 0x1161;
    private const int TrailingConsonants = 0x11A7;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;

    private readonly StringBuilder _building;
    private readonly List<Term> _terms = [];
    private TermGap _gap = TermGap.Blank;

    internal AnalyzedText(string text)
    {
        _building = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (char.IsAscii(text[at]))
            {
                at = AddAscii(text, at);
                continue;
            }

            Rune.DecodeFromUtf16(text.AsSpan(at), out var character, out var length);
            if (Folding.Of(character) is not { } folded) Add(character, at, at + length);
            else foreach (var part in folded.EnumerateRunes()) Add(part, at, at + length);
            at += length;
        }

        Folded = _building.ToString();
    }

    /// <summary>The terms, one after the other.</summary>
    internal string Folded { get; }

    /// <summary>The terms, in the order of the text.</summary>
    internal IReadOnlyList<Term> Terms => _terms;

    /// <summary>The folded form of a term.</summary>
    internal ReadOnlySpan<char> this[Term term] => Folded.AsSpan(term.Start, term.End - term.Start);

    // Most texts are mostly ASCII, so a run of letters and digits is added at once. Returns its end.
    private int AddAscii(string text, int start)
    {
        var end = start;
        var from = _building.Length;
        for (; end < text.Length && char.IsAsciiLetterOrDigit(text[end]); end++) _building.Append(char.ToLowerInvariant(text[end]));
        if (end > start)
        {
            AddTerm(TermKind.Word, from, start, end);
            return end;
        }

        Separate(isBlank: text[start] is ' ' or (>= '\t' and <= '\r'));
        return start + 1;
    }

    private void Add(Rune character, int start, int end)
    {
        if (Compose(character, end)) return;
        if (KindOf(character) is { } kind) Append(kind, character, start, end);
        else Separate(Rune.IsWhiteSpace(character));
    }

    private void Separate(bool isBlank)
    {
        if (isBlank) _gap = TermGap.Blank;
        else if (_gap == TermGap.None) _gap = TermGap.Punctuation;
    }

    private void Append(TermKind kind, Rune character, int start, int end)
    {
        Span<char> units = stackalloc char[2];
        var from = _building.Length;
        _building.Append(units[..character.EncodeToUtf16(units)]);
        AddTerm(kind, from, start, end);
    }

    private void AddTerm(TermKind kind, int from, int start, int end)
    {
        if (kind == TermKind.Word && _gap == TermGap.None && _terms.Count > 0 && _terms[^1] is { Kind: TermKind.Word } word)
            _terms[^1] = word with { End = _building.Length, SourceEnd = end };
        else
            _terms.Add(new Term(kind, _gap, from, _building.Length, start, end));
        _gap = TermGap.None;
    }

    // A vowel after a leading consonant, or a trailing consonant after a syllable without one.
    private bool Compose(Rune character, int end)
    {
        if (character.Value is < Vowels or >= TrailingConsonants + TrailingCount || _gap != TermGap.None || _terms.Count == 0) return false;
        var last = _building[^1];
        var vowel = character.Value - Vowels;
        var trailing = character.Value - TrailingConsonants;
        if (last is >= (char)LeadingConsonants and <= (char)0x1112 && vowel < VowelCount)
            last = (char)(HangulSyllables + ((((last - LeadingConsonants) * VowelCount) + vowel) * TrailingCount));
        else if (last is >= (char)HangulSyllables and <= (char)0xD7A3 && (last - HangulSyllables) % TrailingCount == 0 && trailing > 0)
            last = (char)(last + trailing);
        else
            return false;

        _building[^1] = last;
        _terms[^1] = _terms[^1] with { SourceEnd = end };
        return true;
    }

    // Null for a separator.
    private static TermKind? KindOf(Rune character)
    {
        switch (Rune.GetUnicodeCategory(character))
        {
            case UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber:
                return IsWrittenWithoutBlanks(character.Value) ? TermKind.Character : TermKind.Word;
            case UnicodeCategory.OtherSymbol:
                return IsEmoji(character.Value) ? TermKind.Symbol : null;
            default:
                return null;
        }
    }

    // Thai, Lao, Myanmar, Hangul, Khmer, Tai; Kana, Bopomofo, Han.
    private static bool IsWrittenWithoutBlanks(int character) => character
        is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1100 and <= 0x11FF) or (>= 0x1780 and <= 0x17FF)
        or (>= 0x1950 and <= 0x19FF) or (>= 0x1A20 and <= 0x1AAF) or (>= 0x3005 and <= 0x9FFF) or (>= 0xA9E0 and <= 0xA9FF)
        or (>= 0xAA60 and <= 0xAADF) or (>= 0xA960 and <= 0xA97F) or (>= 0xAC00 and <= 0xD7FF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x1AFF0 and <= 0x1B16F) or (>= 0x20000 and <= 0x3FFFF);

    // The symbols among which the emoji are, without the box drawing and the bullets of plain text.
    private static bool IsEmoji(int character) => character
        is (>= 0x231A and <= 0x24FF) or 0x25B6 or 0x25C0 or (>= 0x25FB and <= 0x27FF) or (>= 0x2900 and <= 0x2FFF) or (>= 0x1F000 and <= 0x1FFFF);
}
