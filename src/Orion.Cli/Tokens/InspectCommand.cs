using System.CommandLine;
using System.Globalization;
using Orion.Application.Users;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain;
using Orion.Infrastructure.Tokens;

namespace Orion.Cli.Tokens;

/// <summary><c>orion token inspect</c>.</summary>
internal static class InspectCommand
{
    internal const string Name = "inspect";

    // More than the verifier accepts: it rejects longer tokens itself.
    private const int MaxCharacters = 64 * 1024;

    internal static Command Build(Terminal terminal) => new Command(Name, """
        Read a token from standard input and report, check by check, why the service would accept or reject it. The service does
        not tell clients the reason; this command tells it to the operator, who has the settings.

          orion token inspect <token.txt
          orion token mint | orion token inspect

        The token is neither stored nor shown. Exit codes: 0 accepted; 1 rejected; 69 the database could not be queried.
        """).WithAction(terminal, async (_, cancellationToken) =>
        {
            if (!Console.IsInputRedirected) terminal.Advise("Paste the token, then press Enter and Ctrl-D.");
            var token = await Read(terminal.Input, cancellationToken);
            await using var host = OrionHost.Build(terminal);
            OrionHost.RequireSecret(host.Settings);
            var inspection = new JwtVerifier(host.Settings.Tokens, host.Clock).Inspect(token);
            var checks = inspection.Checks
                .Select(check => new Check(TokenChecks.Rule(check.Check), check.Verdict,
                    check.Verdict == TokenVerdict.Failed ? TokenChecks.Advice(check.Check, inspection) : ""))
                .ToList();
            checks.AddRange(await CheckAllowList(host, inspection.Token, cancellationToken));

            var isRejected = checks.Any(check => check.Verdict == TokenVerdict.Failed);
            var isAccepted = checks.All(check => check.Verdict == TokenVerdict.Passed);
            var outcome = isAccepted ? "accepted" : isRejected ? "refused" : "undecided";
            Report(terminal, inspection, checks, outcome);
            return isAccepted ? ExitCodes.Success : isRejected ? ExitCodes.Failed : ExitCodes.Unavailable;
        });

    private static async Task<string> Read(TextReader input, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxCharacters];
        var length = await input.ReadBlockAsync(buffer, cancellationToken);
        var text = new string(buffer, 0, length).Trim();
        if (text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) text = text["Bearer ".Length..].Trim();
        return text.Length > 0 ? text : throw new CommandFailedException("Standard input contains no token.", ExitCodes.Usage);
    }

    // The allow-list and revocations. As in the service, they are queried only for a valid token.
    private static async Task<IReadOnlyList<Check>> CheckAllowList(OrionHost host, VerifiedToken? token, CancellationToken cancellationToken)
    {
        const string onList = "sub is on the allow-list";
        const string notRevoked = "not revoked, and its session (if any) is open";
        if (token is null) return [NotReached(onList), NotReached(notRevoked)];
        if (await host.TryOpen(cancellationToken) is { } failure)
            return [NotReached(onList) with { Advice = failure.Message }, NotReached(notRevoked)];

        var outcome = await host.Dispatcher.Send(new AuthenticateCaller(token.Subject, token.IssuedAt, token.Session), cancellationToken);
        return outcome.Error?.Kind switch
        {
            null => [new Check(onList, TokenVerdict.Passed, ""), new Check(notRevoked, TokenVerdict.Passed, "")],
            ErrorKind.Forbidden => [new Check(onList, TokenVerdict.Failed, "See: orion users list"), NotReached(notRevoked)],
            _ =>
            [
                new Check(onList, TokenVerdict.Passed, ""),
                new Check(notRevoked, TokenVerdict.Failed, "The user was signed out after the token was minted, or its session was archived or deleted."),
            ],
        };
    }

    private static Check NotReached(string rule) => new(rule, TokenVerdict.NotReached, "");

    private static void Report(Terminal terminal, TokenInspection token, List<Check> checks, string outcome) => terminal.Report(
        new
        {
            outcome,
            kind = token.Token is null ? null : token.Token.Session is null ? "user" : "session",
            subject = token.Subject?.Value,
            now = token.Now,
            issuedAt = token.IssuedAt,
            notBefore = token.NotBefore,
            expiresAt = token.ExpiresAt,
            secondsSinceIssued = (token.Now - token.IssuedAt)?.TotalSeconds,
            secondsUntilExpiry = (token.ExpiresAt - token.Now)?.TotalSeconds,
            checks,
        },
        output =>
        {
            Table.Write(output, ["", "CHECK", "WHY"], [.. checks.Select(check => (string[])[Mark(check.Verdict), check.Rule, check.Advice])]);
            output.WriteLine();
            Table.Write(output, ["", "TIME", "FROM NOW"], [["now", Table.Instant(token.Now), ""], .. Dates(token)]);
            output.WriteLine();
            var who = (token.Subject, token.ExpiresAt) switch
            {
                ({ } subject, { } end) => $" (sub {subject}, exp {Table.Instant(end)})",
                ({ } subject, null) => $" (sub {subject})",
                _ => "",
            };
            output.WriteLine(outcome switch
            {
                "accepted" => $"The service accepts this token{who}.",
                "refused" => $"The service rejects this token{who}.",
                _ => $"The token is valid{who}; the database could not be queried about its user.",
            });
        });

    private static IEnumerable<string[]> Dates(TokenInspection token) =>
        from date in ((string Claim, DateTimeOffset? At)[])[("iat", token.IssuedAt), ("nbf", token.NotBefore), ("exp", token.ExpiresAt)]
        let difference = date.At - token.Now
        where difference is not null
        select (string[])[date.Claim, Table.Instant(date.At), FromNow(difference.Value)];

    private static string FromNow(TimeSpan difference)
    {
        var length = difference.Duration();
        var text = string.Create(CultureInfo.InvariantCulture, $"{(length.Days > 0 ? $"{length.Days} d " : "")}{length:hh\\:mm\\:ss}");
        return difference < TimeSpan.Zero ? $"{text} ago" : $"in {text}";
    }

    private static string Mark(TokenVerdict verdict) => verdict switch
    {
        TokenVerdict.Passed => "ok",
        TokenVerdict.Failed => "FAIL",
        _ => "-",
    };

    private sealed record Check(string Rule, TokenVerdict Verdict, string Advice);
}
