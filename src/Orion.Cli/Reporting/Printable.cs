using System.Globalization;
using System.Text;

namespace Orion.Cli.Reporting;

/// <summary>
/// Untrusted names for a terminal. Everything but printable ASCII is escaped, so that a name can neither control the terminal nor look
/// like another name, and long names are cut.
/// </summary>
internal static class Printable
{
    /// <summary>Escapes a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">The approximate length at which the text is cut.</param>
    internal static string Of(string text, int maxLength = 80)
    {
        var escaped = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (escaped.Length > maxLength) return escaped.Append("...").ToString();
            if (rune.Value is >= ' ' and <= '~') escaped.Append((char)rune.Value);
            else escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }

        return escaped.ToString();
    }
}
