using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Orion.Domain.Text;

namespace Orion.Application.Import.Foreign;

/// <summary>Reads members that other programs wrote. A member that is missing, null or of another type is null.</summary>
internal static class ForeignJson
{
    // Seconds until the year 5138. Larger numbers are milliseconds, microseconds or nanoseconds.
    private const double MaxSeconds = 1e11;

    internal static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    internal static string? Text(this JsonElement element, string name) => element.Member(name)?.Text();

    /// <summary>
    /// Reads a string. An unpaired surrogate becomes NUL, so that it is reported and replaced like other characters that cannot be stored.
    /// </summary>
    internal static string? Text(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String) return null;
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // Unpaired surrogates, or bytes that are not UTF-8.
            var json = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));
            return JsonSerializer.Deserialize<string>(TextRules.ReplaceUnpairedEscapes(json, @"\u0000"));
        }
    }

    internal static bool IsTrue(this JsonElement element, string name) => element.Member(name) is { ValueKind: JsonValueKind.True };

    /// <summary>The items of an array; empty if the member is not an array.</summary>
    internal static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    /// <summary>The members of an object; empty if the member is not an object.</summary>
    internal static IEnumerable<JsonProperty> Members(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject() : [];

    /// <summary>An instant: a Unix time in seconds or a smaller unit, or a date and time in ISO 8601.</summary>
    internal static DateTimeOffset? Instant(this JsonElement element, string name)
    {
        if (element.Member(name) is not { } member) return null;
        if (member.ValueKind == JsonValueKind.Number) return member.TryGetDouble(out var number) ? FromUnixTime(number) : null;
        var text = member.Text();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;
    }

    private static DateTimeOffset? FromUnixTime(double number)
    {
        // 1e999 is infinite.
        if (!(number > 0) || !double.IsFinite(number)) return null;
        while (number > MaxSeconds) number /= 1000;
        // The nearest microsecond: a double has no more digits for today's dates.
        return DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(number * 1e6) * TimeSpan.TicksPerMicrosecond);
    }
}
