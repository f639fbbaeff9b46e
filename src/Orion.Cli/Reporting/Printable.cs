using System.Globalization;
using System.Text;

namespace Orion.Cli.Reporting;

/// <summary>
/// Names from elsewhere, for a terminal: printable ASCII as it is, all else by its number, so that no name can move the cursor or
/// pass for another; not more than a line holds.
/// </summary>
internal static class Printable
{
    /// <summary>Shows a text.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="maxLength">Where it is cut, about.</param>
    internal static string Of(string text, int maxLength = 80)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length > maxLength) return shown.Append("...").ToString();
            if (rune.Value is >= ' ' and <= '~') shown.Append((char)rune.Value);
            else shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }

        return shown.ToString();
    }
}
