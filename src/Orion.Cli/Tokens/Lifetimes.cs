using System.Globalization;

namespace Orion.Cli.Tokens;

/// <summary>Lifetimes in the form of a whole number and <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>; without a unit, seconds.</summary>
internal static class Lifetimes
{
    /// <summary>Parses a lifetime; null for any other text, zero, and more than ten years.</summary>
    internal static TimeSpan? Parse(string text)
    {
        var unit = text.Length == 0 ? 0 : text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            >= '0' and <= '9' => -1,
            _ => 0,
        };
        var digits = unit > 0 ? text[..^1] : text;
        if (unit == 0 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;

        var seconds = (long)number * Math.Abs(unit);
        return seconds is > 0 and <= 315_360_000 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
