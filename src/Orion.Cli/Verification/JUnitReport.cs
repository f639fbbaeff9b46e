using System.Globalization;
using System.Xml.Linq;

namespace Orion.Cli.Verification;

/// <summary>The checks as JUnit's XML, which CI systems show.</summary>
internal static class JUnitReport
{
    private const string Suite = "orion verify";

    /// <summary>The document.</summary>
    internal static XDocument Of(IReadOnlyList<Checked> checks, Uri address) => new(new XElement("testsuites", new XElement(
        "testsuite",
        new XAttribute("name", Suite),
        new XAttribute("hostname", address.Host),
        new XAttribute("tests", checks.Count),
        new XAttribute("failures", checks.Count(check => check.VerificationResult.Mark == Mark.Failed)),
        new XAttribute("errors", 0),
        new XAttribute("skipped", checks.Count(check => check.VerificationResult.Mark is Mark.Skipped or Mark.NotRun)),
        new XAttribute("time", Seconds(checks.Aggregate(TimeSpan.Zero, (sum, check) => sum + check.Took))),
        checks.Select(Case))));

    private static XElement Case(Checked check) => new(
        "testcase",
        new XAttribute("classname", Suite),
        new XAttribute("name", check.Name),
        new XAttribute("time", Seconds(check.Took)),
        check.VerificationResult.Mark switch
        {
            Mark.Failed => new XElement("failure", new XAttribute("message", check.VerificationResult.Detail)),
            Mark.Skipped or Mark.NotRun => new XElement("skipped", new XAttribute("message", check.VerificationResult.Detail)),
            _ => null,
        });

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
