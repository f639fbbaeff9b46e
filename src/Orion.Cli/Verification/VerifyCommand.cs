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
        var junit = new Option<FileInfo?>("--junit") { Description = "Also write a JUnit XML report to this file.", HelpName = "FILE" };
        var command = new Command("verify", """
            Verify the security of a deployment from outside. Run it after each deployment.

              orion verify https://chat-api.example.com
              orion verify http://127.0.0.1:3002                     (on the machine itself)
              orion verify https://chat-api.example.com --secret-file secret --issuer https://chat.example.com --user owner@example.com

            It sends about forty requests and is safe in production: it creates two sessions of the user, one after the other, and deletes
            them again, also if it is interrupted. If the service has a model, it asks for a reply of one word. The secret comes from the settings of the service, or from --secret-file; then no settings are read. Tokens
            expire after two minutes, are sent only to this address, and never over plain HTTP to another machine. If a check fails for a
            reason that affects all later ones (no connection, a rejected token, an exceeded rate limit), it reports the reason once, and
            the later checks are not run. HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE apply.

            Exit codes: 0 no check failed; 1 a check failed; 64, 74 and 78 as for every command (orion --help).
            """) { options.Address, junit };
        foreach (var option in options.All) command.Options.Add(option);
        return command.WithAction(terminal, async (parsed, cancellationToken) =>
        {
            var target = options.Read(parsed, terminal);
            using var probe = new Probe(target.Address);
            var checks = await new DeploymentVerification(target, probe, TimeProvider.System).Run(cancellationToken);

            // The report comes first: an error while writing the file must not hide it.
            Report(terminal, target, checks);
            if (parsed.GetValue(junit) is { } file)
            {
                await using var stream = file.Create();
                await JUnitReport.Of(checks, target.Address).SaveAsync(stream, System.Xml.Linq.SaveOptions.None, CancellationToken.None);
            }

            return checks.Any(check => check.Result.Status == CheckStatus.Failed) ? ExitCodes.Failed : ExitCodes.Success;
        });
    }

    private static void Report(Terminal terminal, VerificationTarget target, IReadOnlyList<CompletedCheck> checks)
    {
        var skipped = checks.Count(check => check.Result.Status == CheckStatus.Skipped);
        var notRun = checks.Count(check => check.Result.Status == CheckStatus.NotRun);
        var passed = checks.Count(check => check.Result.Status == CheckStatus.Passed);
        var failed = checks.Count(check => check.Result.Status == CheckStatus.Failed);
        terminal.Report(
            new
            {
                url = target.Address.GetLeftPart(UriPartial.Authority),
                passed,
                failed,
                skipped,
                notRun,
                checks = checks.Select(check => new { check.Name, mark = check.Result.Status, check.Result.Detail }),
            },
            output =>
            {
                Table.Write(output, ["", "CHECK", "SEEN"], [.. checks.Select(check => (string[])[Sign(check), check.Name, check.Result.Detail])]);
                output.WriteLine();
                output.WriteLine($"{passed}/{checks.Count - skipped} passed{Others(skipped, "skipped")}{Others(notRun, "not run")}: {target.Address.GetLeftPart(UriPartial.Authority)}");
            });
    }

    private static string Others(int count, string what) => count > 0 ? $", {count} {what}" : "";

    private static string Sign(CompletedCheck check) => check.Result.Status switch
    {
        CheckStatus.Passed => "ok",
        CheckStatus.Failed => "FAIL",
        _ => "-",
    };
}
