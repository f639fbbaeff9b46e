using System.Buffers;
using System.Globalization;

namespace Orion.Api.Logging;

/// <summary>
/// Escapes control, line-separator and bidirectional characters as <c>\uXXXX</c>, so that no value can forge a log line, hide a part of one
/// or control the terminal.
/// </summary>
internal static class LogText
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. UnsafeCharacters()]);

    /// <summary>Writes the escaped text.</summary>
    internal static void Write(TextWriter writer, ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(Escaped) is >= 0 and var index)
        {
            writer.Write(text[..index]);
            writer.Write("\\u");
            writer.Write(((int)text[index]).ToString("X4", CultureInfo.InvariantCulture));
            text = text[(index + 1)..];
        }

        writer.Write(text);
    }

    private static IEnumerable<char> UnsafeCharacters()
    {
        for (var c = '\0'; c <= '\u00A0'; c++)
        {
            if (char.IsControl(c))
                yield return c;
        }

        yield return '\u2028';
        yield return '\u2029';
        // Unicode Standard Annex 9, section 2: marks, embeddings, overrides and isolates.
        yield return '\u061C';
        yield return '\u200E';
        yield return '\u200F';
        for (var c = '\u202A'; c <= '\u202E'; c++)
            yield return c;
        for (var c = '\u2066'; c <= '\u2069'; c++)
            yield return c;
    }
}
