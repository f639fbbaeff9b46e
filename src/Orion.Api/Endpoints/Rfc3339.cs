using System.Globalization;
using System.Text.RegularExpressions;

namespace Orion.Api.Endpoints;

/// <summary>Reads RFC 3339 date-times (section 5.6) as the spans of microseconds that they name.</summary>
internal static partial class Rfc3339
{
    private const int MillisecondDigits = 3;
    private const int MicrosecondDigits = 6;

    /// <summary>The microseconds that a date-time names.</summary>
    /// <param name="First">The first one.</param>
    /// <param name="Last">The last one: clients count in milliseconds, and mean all of the last one.</param>
    internal readonly record struct Span(DateTimeOffset First, DateTimeOffset Last);

    /// <returns>The span; null where the text is no date-time.</returns>
    internal static Span? Parse(string text)
    {
        var match = DateAndTime().Match(text);
        if (!match.Success) return null;

        var digits = match.Groups["fraction"].Value;
        var micros = int.Parse(digits.PadRight(MicrosecondDigits, '0').AsSpan(0, MicrosecondDigits), NumberStyles.None, CultureInfo.InvariantCulture);
        var offset = match.Groups["offset"].Value.ToUpperInvariant();
        var seconds = $"{match.Groups["date"].Value}T{match.Groups["time"].Value}{(offset == "Z" ? "+00:00" : offset)}";
        if (!DateTimeOffset.TryParseExact(seconds, "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var second))
            return null;

        var first = second.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        return new Span(first, digits.Length <= MillisecondDigits ? first.AddTicks(TimeSpan.TicksPerMillisecond - TimeSpan.TicksPerMicrosecond) : first);
    }

    [GeneratedRegex(
        @"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?<fraction>[0-9]{1,20}))?(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DateAndTime();
}
