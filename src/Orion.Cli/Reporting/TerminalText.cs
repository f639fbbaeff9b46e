using System.Globalization;
using System.Text;

namespace Orion.Cli.Reporting;

/// <summary>Untrusted text of any language for a terminal.</summary>
internal static class TerminalText
{
    /// <summary>
    /// Escapes control characters, except for line feeds and tabs, so that the text cannot control the terminal, and bidirectional
    /// overrides and isolates, so that it cannot look like another text. Carriage returns, which would overwrite a line, are dropped.
    /// </summary>
    internal static string Of(string text)
    {
        if (!text.Any(IsUnsafe)) return text;
        var safe = new StringBuilder(text.Length);
        foreach (var unit in text)
        {
            if (!IsUnsafe(unit)) safe.Append(unit);
            else if (unit != '\r') safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char unit) =>
        (char.IsControl(unit) && unit is not ('\n' or '\t')) || unit is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
