using System.Globalization;
using System.Text.RegularExpressions;

namespace Orion.Api.Http;

/// <summary>
/// Reads an RFC 3339 date-time (section 5.6) as the span of microseconds that it names. It accepts all of them. Those that .NET cannot
/// represent become the nearest microsecond that it can: leap seconds, the year 0000, offsets beyond 14 hours, and years beyond 9999.
/// </summary>
internal static partial class Rfc3339
{
    /// <summary>The error for a text in another format.</summary>
    internal const string Expected = "It must be an RFC 3339 date and time with its offset, such as 2026-01-31T12:00:00.000Z.";

    private const int MillisecondDigits = 3;
    private const int MicrosecondDigits = 6;
    private const int LeapSecond = 60;

    // The Gregorian calendar repeats after this number of years, or days.
    private const int CycleYears = 400;
    private const int CycleDays = 146_097;

    private static readonly long LastMicrosecond = DateTime.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond;

    /// <summary>The span of a date-time.</summary>
    /// <param name="First">The first microsecond.</param>
    /// <param name="Last">The last microsecond. A value in milliseconds covers its whole millisecond.</param>
    internal readonly record struct Span(DateTimeOffset First, DateTimeOffset Last);

    /// <returns>The span; null if the text is not a date-time.</returns>
    internal static Span? Parse(string text)
    {
        var match = DateAndTime().Match(text);
        if (!match.Success) return null;

        int Number(string part) => match.Groups[part] is { Success: true } found ? int.Parse(found.ValueSpan, CultureInfo.InvariantCulture) : 0;
        var (year, month, day) = (Number("year"), Number("month"), Number("day"));
        var cycles = year == 0 ? 1 : 0;
        year += cycles * CycleYears;
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return null;

        var second = Number("second");
        var isLeapSecond = second == LeapSecond;
        var offset = new TimeSpan(Number("offsetHour"), Number("offsetMinute"), 0) * (match.Groups["sign"].ValueSpan is "-" ? -1 : 1);
        var local = new DateTime(year, month, day, Number("hour"), Number("minute"), isLeapSecond ? second - 1 : second);
        var ticks = local.Ticks - (cycles * CycleDays * TimeSpan.TicksPerDay) - offset.Ticks;

        // A leap second is the last second of a day in UTC. It becomes the last microsecond of that day.
        if (isLeapSecond) return (ticks + TimeSpan.TicksPerSecond) % TimeSpan.TicksPerDay == 0 ? At(ticks + TimeSpan.TicksPerSecond - TimeSpan.TicksPerMicrosecond) : null;

        var digits = match.Groups["fraction"].Value;
        var micros = int.Parse(digits.PadRight(MicrosecondDigits, '0').AsSpan(0, MicrosecondDigits), NumberStyles.None, CultureInfo.InvariantCulture);
        ticks += micros * TimeSpan.TicksPerMicrosecond;
        return At(ticks, digits.Length <= MillisecondDigits ? TimeSpan.TicksPerMillisecond - TimeSpan.TicksPerMicrosecond : 0);
    }

    /// <summary>Whether the text is a date-time with a space instead of the plus of its offset. In a query, an unencoded plus means a space.</summary>
    internal static bool HasUnencodedPlus(string text) =>
        text.LastIndexOf(' ') is >= 0 and var space && Parse($"{text[..space]}+{text[(space + 1)..]}") is not null;

    private static Span At(long ticks, long length = 0) => new(Clamped(ticks), Clamped(ticks + length));

    private static DateTimeOffset Clamped(long ticks) => new(Math.Clamp(ticks, 0, LastMicrosecond), TimeSpan.Zero);

    [GeneratedRegex(
        @"\A(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[Tt](?<hour>[01][0-9]|2[0-3]):(?<minute>[0-5][0-9]):(?<second>[0-5][0-9]|60)"
        + @"(?:\.(?<fraction>[0-9]+))?(?:[Zz]|(?<sign>[+-])(?<offsetHour>[01][0-9]|2[0-3]):(?<offsetMinute>[0-5][0-9]))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DateAndTime();
}
