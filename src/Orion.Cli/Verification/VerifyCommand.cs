using System.CommandLine;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;

namespace Orion.Cli.Verification;

/// <summary><c>orion verify</c>.</summary>
internal static class VerifyCommand
{
    internal static Command Build(Terminal terminal)
    {
        var options = new TargetOptions();
        var junit = new Option<FileInfo?>("--junit") { Description = "Write JUnit XML there, too.", HelpName = "FILE" };
        var command = new Command("verify", """
            The security validation of a deployment, from outside: run it after each deploy.

              orion verify https://chat-api.example.com
              orion verify http://127.0.0.1:3002                     (on the machine itself)
              orion verify https://chat-api.example.com --secret-file secret --issuer https://chat.example.com --user owner@example.com

            About thirty requests, safe against production: it writes one session of the user's and deletes it again, also when it is
            interrupted. The secret comes from the settings of the service, or from --secret-file; then no settings are read. Tokens live
            two minutes, are sent to this address only, and never over plain HTTP to another machine. Where a check fails in a way that
            decides all later ones (no connection, a refused token, a rate-limit budget that is used up), it names the cause once, and
            the later checks are not run. HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE apply as for other programs.

            Exit codes: 0 no check failed; 1 a check failed; 64, 74 and 78 as for every command (orion --help).
            """) { options.Address, junit };
        foreach (var option in options.All) command.Options.Add(option);
        return command.WithAction(terminal, async (parsed, cancellationToken) =>
        {
            var target = options.Read(parsed, terminal);
            using var probe = new Probe(target.Address);
            var checks = await new DeploymentVerification(target, probe, TimeProvider.System).Run(cancellationToken);

            // The report first: a file that cannot be written must not hide it.
            Report(terminal, target, checks);
            if (parsed.GetValue(junit) is { } file)
            {
                await using var stream = file.Create();
                await JUnitReport.Of(checks, target.Address).SaveAsync(stream, System.Xml.Linq.SaveOptions.None, CancellationToken.None);
            }

            return checks.Any(check => check.VerificationResult.Mark == Mark.Failed) ? ExitCodes.Failed : ExitCodes.Success;
        });
    }

    private static void Report(Terminal terminal, VerificationTarget target, IReadOnlyList<Checked> checks)
    {
        var skipped = checks.Count(check => check.VerificationResult.Mark == Mark.Skipped);
        var notRun = checks.Count(check => check.VerificationResult.Mark == Mark.NotRun);
        var passed = checks.Count(check => check.VerificationResult.Mark == Mark.Passed);
        var failed = checks.Count(check => check.VerificationResult.Mark == Mark.Failed);
        terminal.Report(
            new
            {
                url = target.Address.GetLeftPart(UriPartial.Authority),
                passed,
                failed,
                skipped,
                notRun,
                checks = checks.Select(check => new { check.Name, check.VerificationResult.Mark, check.VerificationResult.Detail }),
            },
            output =>
            {
                Table.Write(output, ["", "CHECK", "SEEN"], [.. checks.Select(check => (string[])[Sign(check), check.Name, check.VerificationResult.Detail])]);
                output.WriteLine();
                output.WriteLine($"{passed}/{checks.Count - skipped} passed{Others(skipped, "skipped")}{Others(notRun, "not run")}: {target.Address.GetLeftPart(UriPartial.Authority)}");
            });
    }

    private static string Others(int count, string what) => count > 0 ? $", {count} {what}" : "";

    private static string Sign(Checked check) => check.VerificationResult.Mark switch
    {
        Mark.Passed => "ok",
        Mark.Failed => "FAIL",
        _ => "-",
    };
}
