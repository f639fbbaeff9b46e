using System.Globalization;
using System.Xml.Linq;

namespace Orion.Cli.Verification;

/// <summary>The checks as JUnit's XML, which CI systems display.</summary>
internal static class JUnitReport
{
    private const string Suite = "orion verify";

    /// <summary>The document.</summary>
    internal static XDocument Of(IReadOnlyList<CompletedCheck> checks, Uri address) => new(new XElement("testsuites", new XElement(
        "testsuite",
        new XAttribute("name", Suite),
        new XAttribute("hostname", address.Host),
        new XAttribute("tests", checks.Count),
        new XAttribute("failures", checks.Count(check => check.Result.Status == CheckStatus.Failed)),
        new XAttribute("errors", 0),
        new XAttribute("skipped", checks.Count(check => check.Result.Status is CheckStatus.Skipped or CheckStatus.NotRun)),
        new XAttribute("time", Seconds(checks.Aggregate(TimeSpan.Zero, (sum, check) => sum + check.Took))),
        checks.Select(Case))));

    private static XElement Case(CompletedCheck check) => new(
        "testcase",
        new XAttribute("classname", Suite),
        new XAttribute("name", check.Name),
        new XAttribute("time", Seconds(check.Took)),
        check.Result.Status switch
        {
            CheckStatus.Failed => new XElement("failure", new XAttribute("message", check.Result.Detail)),
            CheckStatus.Skipped or CheckStatus.NotRun => new XElement("skipped", new XAttribute("message", check.Result.Detail)),
            _ => null,
        });

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
