using System.Text.Json;
using Orion.Cli.Reporting;

namespace Orion.Cli.Verification;

/// <summary>
/// A valid request succeeds. If it is rejected, every check with a valid token would fail for the same reason, so this check explains it
/// and ends the run.
/// </summary>
internal sealed class AccessCheck(VerificationTarget target, Probe probe, TimeProvider clock)
{
    private const string Path = "/api/me";

    // Half of the 60 s that Orion allows for a token issued ahead of its clock.
    private static readonly TimeSpan NoticeableSkew = TimeSpan.FromSeconds(30);

    internal async Task<VerificationResult> Run(string token, CancellationToken cancellationToken)
    {
        var response = await probe.Get(Path, token, cancellationToken);
        return (response.Status, response.Code) switch
        {
            (200, _) when response.Text("userId") == target.User.Value => VerificationResult.Passed,
            (200, _) => VerificationResult.Failed($"{Path} returned {Printable.Of(response.Text("userId") ?? "no user")} instead of {target.User}."),
            (401, "missing_token") => VerificationResult.Fatal("The token does not arrive. The proxy in front of Orion must pass on the Authorization header."),
            (401, _) => VerificationResult.Fatal(await ExplainToken(response, cancellationToken)),
            (403, "not_authorized") => VerificationResult.Fatal(
                $"{target.User} is not on the deployment's allow-list. Name another user with --user, or run there: orion users grant {target.User}"),
            (403, "https_required") => VerificationResult.Fatal(ExplainHttps()),
            (403, "origin_not_allowed") => VerificationResult.Fatal(
                "The request has no Origin, and Orion received one that it rejects. The proxy in front must not add an Origin header."),
            (503, _) => VerificationResult.Fatal($"{Path} returned {response}: the service has no working database. Run there: orion doctor"),
            _ => VerificationResult.Failed($"{Path} returned {response} instead of 200."),
        };
    }

    private string ExplainHttps() => target.Address.Scheme == Uri.UriSchemeHttps
        ? "The request was sent over HTTPS, but Orion received it as plain HTTP. Add the address of the proxy in front to TRUSTED_PROXIES (Orion's log names it), "
            + "and have the proxy set X-Forwarded-Proto to the single word https."
        : "Orion does not trust X-Forwarded-Proto from this machine. Verify the public https:// address, or add the address that Orion's log names to TRUSTED_PROXIES.";

    private async Task<string> ExplainToken(ProbeResponse rejection, CancellationToken cancellationToken)
    {
        const string rejected = "The deployment rejects the token.";
        if (await Skew(cancellationToken) is { } skew)
        {
            return $"{rejected} This machine's clock is {Math.Abs(skew.TotalSeconds):0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the deployment's. "
                + "Set both by NTP.";
        }

        foreach (var (other, difference) in Alternatives())
        {
            var response = await probe.Get(Path, VerificationTokens.Mint(other, clock, other.User), cancellationToken);
            if (response.Status is 200 or 403) return $"{rejected} {difference}";
        }

        var request = rejection.Header("X-Request-Id") is { } id ? $", request {Printable.Of(id)}" : "";
        var log = $"Its log names the reason (event 1001{request}).";
        return target.HasSettings
            ? $"{rejected} It runs with another secret, JWT_ISSUER or JWT_AUDIENCE than the settings here ({target.Tokens.Issuer}, {target.Tokens.Audience}). "
                + $"Start it again with these settings; docker compose restart keeps the old ones, docker compose up --detach does not. {log}"
            : $"{rejected} Its secret is not the one in the file, or its issuer is not {target.Tokens.Issuer}, or its audience is not {target.Tokens.Audience}. "
                + $"Correct --secret-file, --issuer or --audience. {log}";
    }

    // How far this machine's clock is ahead; null if the difference is small.
    private async Task<TimeSpan?> Skew(CancellationToken cancellationToken)
    {
        var health = await probe.Get("/health", null, cancellationToken);
        if (health.Json is not { ValueKind: JsonValueKind.Object } json
            || !json.TryGetProperty("timestamp", out var time) || !time.TryGetDateTimeOffset(out var serverTime))
        {
            return null;
        }

        var skew = clock.GetUtcNow() - serverTime;
        return skew.Duration() > NoticeableSkew ? skew : null;
    }

    // The most frequent mistakes. Each is tried, to name the actual one.
    private IEnumerable<(VerificationTarget Target, string Difference)> Alternatives()
    {
        var tokens = target.Tokens;
        var issuer = tokens.Issuer.EndsWith('/') ? tokens.Issuer.TrimEnd('/') : tokens.Issuer + '/';
        yield return (target with { Tokens = tokens with { Issuer = issuer } }, $"Its JWT_ISSUER is {issuer}, not {tokens.Issuer}.");
        if (tokens.Audience != TargetOptions.DefaultAudience)
        {
            yield return (
                target with { Tokens = tokens with { Audience = TargetOptions.DefaultAudience } },
                $"Its JWT_AUDIENCE is {TargetOptions.DefaultAudience}, not {tokens.Audience}.");
        }

        if (tokens.Secret.Trim() is var trimmed && trimmed != tokens.Secret)
            yield return (target with { Tokens = tokens with { Secret = trimmed } }, "Its secret is this one without the spaces at the beginning and end.");
        if (tokens.PreviousSecret is { } previous)
        {
            yield return (
                target with { Tokens = tokens with { Secret = previous, PreviousSecret = null } },
                "It still runs with the secret that is ORION_SHARED_JWT_SECRET_PREVIOUS here. Start it again with these settings.");
        }
    }
}
