using System.Globalization;
using Orion.Cli.Reporting;

namespace Orion.Cli.Verification;

/// <summary>The security validation of a deployment, from outside: about forty requests, which leave no data behind.</summary>
internal sealed class DeploymentVerification(VerificationTarget target, Probe probe, TimeProvider clock)
{
    private const string ServiceName = "orion-chat-backend";
    private const string Healthy = "healthy";

    private readonly VerificationTokens _tokens = new(target, clock);

    /// <summary>Runs the checks in order, until one fails for a reason that affects all later ones.</summary>
    internal async Task<IReadOnlyList<CompletedCheck>> Run(CancellationToken cancellationToken)
    {
        var completed = new List<CompletedCheck>();
        (string Name, Func<CancellationToken, Task<VerificationResult>> Check)[] checks =
        [
            ("healthy, secured, and JWT enabled", Health),
            // Before every check with a token: it determines the scheme of all later requests.
            ("plain HTTP is refused where HTTPS is required", token => PlainHttpCheck.Run(target, probe, token)),
            ("a valid request is answered with 200", token => new AccessCheck(target, probe, clock).Run(_tokens.Valid, token)),
            ("the deployment does not run in Development", token => EnvironmentCheck.Run(probe, token)),
            ("no token is refused with 401", token => Rejects(null, 401, "missing_token", token)),
            ("a forged token is refused with 401", token => Rejects(_tokens.Forged, 401, "invalid_token", token)),
            ("an expired token is refused with 401", token => Rejects(_tokens.Expired, 401, "invalid_token", token)),
            ("a token with alg none is refused with 401", token => Rejects(_tokens.Unsigned, 401, "invalid_token", token)),
            ("a token for another audience is refused with 401", token => Rejects(_tokens.WrongAudience, 401, "invalid_token", token)),
            ("an unauthorized user is refused with 403", token => Rejects(_tokens.UnauthorizedUser, 403, "not_authorized", token)),
            ("a foreign origin is refused, plain and preflight", token => OriginChecks.Foreign(probe, _tokens.Valid, token)),
            ("an allowed origin is accepted", token => OriginChecks.Allowed(probe, _tokens.Valid, target.Origin, token)),
            ("every answer has the protective headers", Headers),
            ("answers tell the rate limit", RateLimit),
            ("a client cannot choose its address or protocol", token => ProxyCheck.Run(target, probe, token)),
            ("a session is created, read, appended to and deleted", token => new SessionCheck(target, probe, _tokens.Valid, clock).Run(token)),
            ("a reply of the model is streamed", token => completed[^1].Result.Status == CheckStatus.Passed
                ? new ReplyCheck(target, probe, _tokens.Valid, clock).Run(token)
                : Task.FromResult(new VerificationResult(CheckStatus.Skipped, "it needs a session"))),
        ];
        foreach (var (name, check) in checks)
        {
            if (completed.Any(earlier => earlier.Result.EndsRun))
            {
                completed.Add(new CompletedCheck(name, VerificationResult.NotRun, TimeSpan.Zero));
                continue;
            }

            var start = clock.GetTimestamp();
            var result = await Try(check, cancellationToken);
            completed.Add(new CompletedCheck(name, result, clock.GetElapsedTime(start)));
        }

        return completed;
    }

    private async Task<VerificationResult> Try(Func<CancellationToken, Task<VerificationResult>> check, CancellationToken cancellationToken)
    {
        try
        {
            var result = await check(cancellationToken);
            return result.Status == CheckStatus.Failed && probe.RetryAfter is { } wait
                ? VerificationResult.Fatal(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.Detail} The rate limit is exceeded (429). Run verify again in {wait.TotalSeconds:0} s."))
                : result;
        }
        catch (Exception exception) when (IsConnectionFailure(exception, cancellationToken))
        {
            var cause = probe.Explain(exception);
            return await Responds(cancellationToken) ? VerificationResult.Failed(cause) : VerificationResult.Fatal(cause);
        }
    }

    // Whether only that request fails, for example because of a firewall.
    private async Task<bool> Responds(CancellationToken cancellationToken)
    {
        try
        {
            await probe.Get("/health/live", null, cancellationToken);
            return true;
        }
        catch (Exception exception) when (IsConnectionFailure(exception, cancellationToken))
        {
            return false;
        }
    }

    private static bool IsConnectionFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<VerificationResult> Health(CancellationToken cancellationToken)
    {
        var health = await probe.Get("/health", null, cancellationToken);
        if (health.Text("service") != ServiceName)
            return VerificationResult.Fatal($"/health returned {health}, which is not Orion's response. Correct the URL, or the proxy in front, which must pass every path to Orion.");
        if (health.Status != 200) return VerificationResult.Failed($"/health returned {health}: the service has no working database. Run there: orion doctor");
        if (health.Text("status") != Healthy) return VerificationResult.Failed($"/health has the status {Printable.Of(health.Text("status") ?? "")} instead of {Healthy}.");
        if (!health.IsTrue("secured")) return VerificationResult.Failed("/health reports that requests are not denied by default.");
        return health.IsTrue("jwtEnabled") ? VerificationResult.Passed : VerificationResult.Failed("/health reports that JWT is not enabled.");
    }

    private async Task<VerificationResult> Rejects(string? token, int status, string code, CancellationToken cancellationToken)
    {
        var response = await probe.Get("/api/me", token, cancellationToken);
        if (response.Status != status || response.Code != code) return VerificationResult.Failed($"/api/me returned {response} instead of {status} {code}.");
        return status != 401 || response.Header("WWW-Authenticate")?.StartsWith("Bearer", StringComparison.Ordinal) == true
            ? VerificationResult.Passed
            : VerificationResult.Failed($"/api/me returned {response} without WWW-Authenticate: Bearer.");
    }

    private async Task<VerificationResult> Headers(CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["/health", "/api/me"])
        {
            var problems = ProtectiveHeaders.ProblemsOf((await probe.Get(path, null, cancellationToken)).Headers);
            if (problems.Count > 0) return VerificationResult.Failed($"{path}: {string.Join(", ", problems)}.");
        }

        return VerificationResult.Passed;
    }

    private async Task<VerificationResult> RateLimit(CancellationToken cancellationToken)
    {
        var response = await probe.Get("/api/me", _tokens.Valid, cancellationToken);
        return response.RateLimit is not null
            ? VerificationResult.Passed
            : VerificationResult.Failed($"/api/me returned {response} with a RateLimit-Policy or RateLimit that is missing or malformed.");
    }
}
