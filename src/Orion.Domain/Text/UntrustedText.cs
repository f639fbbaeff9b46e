using System.Buffers;
using System.Globalization;
using System.Text;

namespace Orion.Domain.Text;

/// <summary>Text from outside, such as a client's header or a path, in a form that a log or a terminal can show.</summary>
public static class UntrustedText
{
    private static readonly SearchValues<char> Unsafe =
        SearchValues.Create([.. Enumerable.Range(0, char.MaxValue + 1).Select(unit => (char)unit).Where(IsUnsafe)]);

    /// <summary>
    /// Escapes control, line-separator and format characters, bidirectional ones included, as <c>\uXXXX</c>. The text can then neither forge
    /// a log line, hide a part of one, nor control the terminal.
    /// </summary>
    public static string Escape(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny(Unsafe)) return text.ToString();
        var escaped = new StringBuilder();
        foreach (var unit in text)
        {
            if (Unsafe.Contains(unit)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
            else escaped.Append(unit);
        }

        return escaped.ToString();
    }

    private static bool IsUnsafe(char unit) => char.GetUnicodeCategory(unit)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
