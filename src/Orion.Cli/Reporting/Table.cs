namespace Orion.Cli.Reporting;

/// <summary>Columns for a person.</summary>
internal static class Table
{
    private const string Gap = "  ";

    /// <summary>Writes rows under their headings; the last column is as wide as it likes.</summary>
    internal static void Write(TextWriter output, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToList();
        foreach (var row in rows.Prepend(headings))
            output.WriteLine(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <summary>An instant to the second, for a person.</summary>
    internal static string Instant(DateTimeOffset? instant) =>
        instant is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) : "";
}
