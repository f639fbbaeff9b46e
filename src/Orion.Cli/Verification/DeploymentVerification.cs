using System.Text.RegularExpressions;

namespace Orion.Cli.Verification;

/// <summary>The security validation of a deployment, from outside: about twenty requests, and nothing left behind.</summary>
internal sealed partial class DeploymentVerification(VerificationTarget target, Probe probe, TimeProvider clock)
{
    private readonly VerificationTokens _tokens = new(target, clock);

    /// <summary>Makes every check, one after another.</summary>
    internal async Task<IReadOnlyList<Checked>> Run(CancellationToken cancellationToken)
    {
        (string Name, Func<CancellationToken, Task<Finding>> Check)[] checks =
        [
            // The first, because it finds out how to ask the rest.
            ("plain HTTP is refused where HTTPS is required", token => PlainHttpCheck.Run(target, probe, token)),
            ("healthy, secured, and JWT enabled", Health),
            ("no token is refused with 401", token => Refuses(null, 401, "missing_token", token)),
            ("a forged token is refused with 401", token => Refuses(_tokens.Forged, 401, "invalid_token", token)),
            ("an expired token is refused with 401", token => Refuses(_tokens.Expired, 401, "invalid_token", token)),
            ("a token with alg none is refused with 401", token => Refuses(_tokens.Unsigned, 401, "invalid_token", token)),
            ("a token for another audience is refused with 401", token => Refuses(_tokens.WrongAudience, 401, "invalid_token", token)),
            ("an unauthorized user is refused with 403", token => Refuses(_tokens.Stranger, 403, "not_authorized", token)),
            ("a foreign origin is refused, plain and preflight", token => OriginChecks.Foreign(probe, _tokens.Valid, token)),
            ("an allowed origin is accepted", token => OriginChecks.Allowed(probe, _tokens.Valid, target.Origin, token)),
            ("every answer has the protective headers", Headers),
            ("answers tell the rate limit", RateLimit),
            ("a valid request is answered with 200", Valid),
            ("a session is created, read, appended to and deleted", new SessionCheck(probe, _tokens.Valid).Run),
        ];
        var done = new List<Checked>();
        foreach (var (name, check) in checks)
        {
            var start = clock.GetTimestamp();
            var finding = await Make(check, cancellationToken);
            done.Add(new Checked(name, finding, clock.GetElapsedTime(start)));
        }

        return done;
    }

    private static async Task<Finding> Make(Func<CancellationToken, Task<Finding>> check, CancellationToken cancellationToken)
    {
        try
        {
            return await check(cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            return Finding.Failed($"No answer: {exception.HttpRequestError}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Failed("No answer in time.");
        }
    }

    private async Task<Finding> Health(CancellationToken cancellationToken)
    {
        var health = await probe.Get("/health", null, cancellationToken);
        if (health.Status != 200 || health.Text("status") != "healthy") return Finding.Failed($"/health answered {health}, or another status.");
        if (!health.Is("secured")) return Finding.Failed("/health says that requests are not denied by default.");
        return health.Is("jwtEnabled") ? Finding.Passed : Finding.Failed("/health says that JWT is not enabled.");
    }

    private async Task<Finding> Refuses(string? token, int status, string code, CancellationToken cancellationToken)
    {
        var answer = await probe.Get("/api/me", token, cancellationToken);
        if (answer.Status != status || answer.Code != code) return Finding.Failed($"Answered {answer}, not {status} {code}.");
        return status != 401 || answer.Header("WWW-Authenticate")?.StartsWith("Bearer", StringComparison.Ordinal) == true
            ? Finding.Passed
            : Finding.Failed("Answered without WWW-Authenticate: Bearer.");
    }

    private async Task<Finding> Headers(CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["/health", "/api/me"])
        {
            var flaws = ProtectiveHeaders.FlawsOf(await probe.Get(path, null, cancellationToken));
            if (flaws.Count > 0) return Finding.Failed($"{path}: {string.Join(", ", flaws)}.");
        }

        return Finding.Passed;
    }

    private async Task<Finding> RateLimit(CancellationToken cancellationToken)
    {
        var answer = await probe.Get("/api/me", _tokens.Valid, cancellationToken);
        return Policy().IsMatch(answer.Header("RateLimit-Policy") ?? "") && Left().IsMatch(answer.Header("RateLimit") ?? "")
            ? Finding.Passed
            : Finding.Failed("RateLimit-Policy or RateLimit is missing or not as it should be.");
    }

    private async Task<Finding> Valid(CancellationToken cancellationToken)
    {
        var answer = await probe.Get("/api/me", _tokens.Valid, cancellationToken);
        return answer.Status == 200 && answer.Text("userId") == target.User.Value
            ? Finding.Passed
            : Finding.Failed($"Answered {answer}, or as somebody else.");
    }

    [GeneratedRegex("""^"default";q=[1-9][0-9]*;w=[1-9][0-9]*$""")]
    private static partial Regex Policy();

    [GeneratedRegex("""^"default";r=[0-9]+;t=[0-9]+$""")]
    private static partial Regex Left();
}
