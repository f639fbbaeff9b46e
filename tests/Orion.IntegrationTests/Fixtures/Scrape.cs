using System.Globalization;
using System.Text.RegularExpressions;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Metrics in Prometheus' text format.</summary>
internal sealed partial class Scrape
{
    public Scrape(string text)
    {
        Text = text;
        Series = [.. Line().Matches(text).Select(line => new Sample(
            line.Groups["name"].Value,
            Label().Matches(line.Groups["labels"].Value).ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value),
            double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture)))];
    }

    public string Text { get; }

    /// <summary>All series, the buckets of histograms too.</summary>
    public IReadOnlyList<Sample> Series { get; }

    /// <summary>The value of the only series with this name and these labels; null if there is none.</summary>
    public double? this[string name, params (string Name, string Value)[] labels] => Matching(name, labels).SingleOrDefault()?.Value;

    /// <summary>The series with this name and these labels, whatever other labels they have.</summary>
    public IEnumerable<Sample> Matching(string name, params (string Name, string Value)[] labels) => Series.Where(
        sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value));

    /// <summary>One series.</summary>
    public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (?<value>\S+)""", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\.)*)"(?:,|$)""")]
    private static partial Regex Label();
}
