using System.Buffers.Binary;
using System.Text;
using Orion.Domain.Users;

namespace Orion.Application.Search;

/// <summary>
/// The tokens under which the index finds a text, separated by blanks. They consist of letters, marks, digits and emoji, so neither
/// <c>tsvector</c> nor FTS5 divides or changes them. A word is a token, and so is each pair of adjacent characters of a script that is written
/// without blanks, and the last character of such a text.
/// </summary>
public static class SearchTokens
{
    /// <summary>The longest token, in bytes. The index finds a longer word by its beginning.</summary>
    public const int MaxBytes = 200;

    /// <summary>The largest total size of a text's tokens, in bytes. A <c>tsvector</c> holds at most 1 MiB.</summary>
    public const int MaxTotalBytes = 1_000_000;

    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const int OwnerLength = 4;
    private const int PeriodLength = 2;
    private const int MaxWordBytes = MaxBytes - OwnerLength - PeriodLength;

    // No word contains it.
    private const char PeriodMark = '·';

    // The tokens of a quarter share a beginning. With that of a week, most keys of the index would have only one text.
    private const int WeeksOfPrefix = 13;

    /// <summary>
    /// The beginning of all tokens of an owner and of the 13 weeks around a period, so that no search reads what others wrote, nor what is much
    /// older than its results. Different ones may have the same beginning: it separates costs, and the rows have the owner and the period.
    /// </summary>
    public static string Prefix(UserId owner, SearchPeriod period)
    {
        var bytes = owner.Value.ToByteArray(bigEndian: true);
        Span<char> prefix = stackalloc char[OwnerLength + PeriodLength];
        Write(BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(12)), prefix[..OwnerLength]);
        Write((uint)(period.Weeks / WeeksOfPrefix), prefix[OwnerLength..]);
        return prefix.ToString();
    }

    /// <summary>The token of all texts of a period, without its prefix.</summary>
    public static string OfPeriod(SearchPeriod period) => $"{PeriodMark}{Digits[period.Weeks % WeeksOfPrefix]}";

    /// <summary>The tokens of a text.</summary>
    public static string Of(string text, UserId owner, DateTimeOffset createdAt)
    {
        var period = SearchPeriod.Of(createdAt);
        var prefix = Prefix(owner, period);
        var analyzed = new AnalyzedText(text);
        var seen = new HashSet<string>().GetAlternateLookup<ReadOnlySpan<char>>();
        var tokens = new StringBuilder(prefix).Append(OfPeriod(period));
        var bytes = MaxBytes;
        for (var i = 0; i < analyzed.Terms.Count; i++)
        {
            var token = Token(analyzed, i);
            if (!seen.Add(token)) continue;
            bytes += prefix.Length + Encoding.UTF8.GetByteCount(token);
            if (bytes > MaxTotalBytes) break;
            tokens.Append(' ').Append(prefix).Append(token);
        }

        return tokens.ToString();
    }

    /// <summary>The token of a term: for a character, together with the next one if there is nothing between them.</summary>
    internal static ReadOnlySpan<char> Token(AnalyzedText text, int index)
    {
        var term = text.Terms[index];
        if (term.Kind == TermKind.Character && HasNext(text, index)) return text.Folded.AsSpan(term.Start, text.Terms[index + 1].End - term.Start);
        return Beginning(text[term]);
    }

    /// <summary>Whether a character is followed by another one.</summary>
    internal static bool HasNext(AnalyzedText text, int index) =>
        index + 1 < text.Terms.Count && text.Terms[index + 1] is { Kind: TermKind.Character, Gap: TermGap.None };

    private static void Write(uint number, Span<char> digits)
    {
        for (var i = digits.Length - 1; i >= 0; i--, number /= (uint)Digits.Length) digits[i] = Digits[(int)(number % (uint)Digits.Length)];
    }

    private static ReadOnlySpan<char> Beginning(ReadOnlySpan<char> word)
    {
        // A code unit has at most three bytes.
        if (word.Length * 3 <= MaxWordBytes) return word;
        int bytes = 0, length = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > MaxWordBytes) break;
            length += rune.Utf16SequenceLength;
        }

        return word[..length];
    }
}

/// <summary>
/// A week in UTC. Searches read the index from the newest week to the oldest, so that what they read for a page does not grow with what is
/// older. Times before 1970 belong to its first week.
/// </summary>
/// <param name="Weeks">The number of weeks since 1970-01-01.</param>
public readonly record struct SearchPeriod(int Weeks)
{
    /// <summary>The week of a time.</summary>
    public static SearchPeriod Of(DateTimeOffset instant) => new((int)Math.Max(0, (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.FromDays(7).Ticks));
}
