using System.Globalization;

namespace Orion.Cli.Reporting;

/// <summary>Text in columns.</summary>
internal static class Table
{
    private const string Gap = "  ";

    /// <summary>Writes rows under their headings.</summary>
    internal static void Write(TextWriter output, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToList();
        foreach (var row in rows.Prepend(headings))
            output.WriteLine(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <summary>An instant in UTC, to the second.</summary>
    internal static string Instant(DateTimeOffset? instant) =>
        instant is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "";
}
