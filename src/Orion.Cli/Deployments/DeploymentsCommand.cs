using System.CommandLine;
using System.Globalization;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;

namespace Orion.Cli.Deployments;

/// <summary><c>orion deployments</c>.</summary>
internal static class DeploymentsCommand
{
    private const int MaxReasonLength = 120;

    internal static Command Build(Terminal terminal)
    {
        var file = new Option<string>("--file")
        {
            Description = "The log: one JSON object per line, the newest last.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DeploymentLog.OfServer,
        };
        var last = Options.Count("--last", DeploymentLog.DefaultCount, "The number of deployments to show.");
        return new Command("deployments", """
            List the successful and failed deployments of this server, the newest first. It needs neither settings nor a database.
            """) { file, last }.WithAction(terminal, async (parsed, cancellationToken) =>
        {
            var (deployments, unreadable) = await DeploymentLog.Read(parsed.GetValue(file)!, parsed.GetValue(last), cancellationToken);
            terminal.Report(new { deployments, unreadable }, output =>
            {
                if (deployments.Count == 0) output.WriteLine(unreadable == 0 ? "No deployments yet" : "No deployments that can be read");
                else Table.Write(output, ["STARTED", "RELEASE", "BY", "SECONDS", "OUTCOME", "CHECKS", "FAILED", "REASON"], [.. deployments.Select(Row)]);
            });
            if (unreadable > 0) terminal.Advise($"orion: {unreadable} lines of the log are invalid, and were skipped.");
            return ExitCodes.Success;
        });
    }

    private static IReadOnlyList<string> Row(Deployment deployment) =>
    [
        Table.Instant(deployment.StartedAt),
        Printable.Of($"{deployment.Version}-{deployment.Commit}"),
        Printable.Of(deployment.Who),
        deployment.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
        deployment.Outcome switch
        {
            DeploymentOutcome.Deployed => "deployed",
            DeploymentOutcome.RolledBack => "rolled back",
            _ => "failed",
        },
        Printable.Of(string.Join(' ', deployment.Checks)),
        string.Create(CultureInfo.InvariantCulture, $"{deployment.RequestsRefused} of {deployment.Probes}"),
        Printable.Of(deployment.Reason ?? "", MaxReasonLength),
    ];
}
