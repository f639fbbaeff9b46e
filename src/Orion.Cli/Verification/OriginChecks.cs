using System.Security.Cryptography;
using Orion.Cli.Reporting;

namespace Orion.Cli.Verification;

/// <summary>Whom browsers may call for.</summary>
internal static class OriginChecks
{
    private const string Allow = "Access-Control-Allow-Origin";

    internal static async Task<VerificationResult> Foreign(Probe probe, string token, CancellationToken cancellationToken)
    {
        var origin = $"https://orion-verify-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.example.com";
        var plain = await probe.Get("/api/me", token, cancellationToken, ("Origin", origin));
        if (FlawOfRefusal(plain) is { } flaw) return VerificationResult.Failed($"A request from a foreign origin {flaw}");
        var preflight = await Preflight(probe, origin, cancellationToken);
        return FlawOfRefusal(preflight) is { } other ? VerificationResult.Failed($"A preflight from a foreign origin {other}") : VerificationResult.Passed;
    }

    internal static async Task<VerificationResult> Allowed(Probe probe, string token, string? origin, CancellationToken cancellationToken)
    {
        if (origin is null) return new VerificationResult(Mark.Skipped, "no origin to try (ALLOWED_ORIGINS is empty, or --origin is not given)");

        var plain = await probe.Get("/api/me", token, cancellationToken, ("Origin", origin));
        if (FlawOfAcceptance(plain, 200, origin) is { } flaw) return VerificationResult.Failed($"A request from {origin} {flaw}");
        var preflight = await Preflight(probe, origin, cancellationToken);
        var other = FlawOfAcceptance(preflight, 204, origin)
            ?? Lacks(preflight, "Access-Control-Allow-Methods", "POST") ?? Lacks(preflight, "Access-Control-Allow-Headers", "Authorization");
        return other is null ? VerificationResult.Passed : VerificationResult.Failed($"The preflight from {origin} {other}");
    }

    private static Task<ProbeResponse> Preflight(Probe probe, string origin, CancellationToken cancellationToken) => probe.Send(
        HttpMethod.Options, "/api/sessions", null, null, cancellationToken,
        ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type"));

    private static string? FlawOfRefusal(ProbeResponse answer)
    {
        if (answer is not { Status: 403, Code: "origin_not_allowed" })
            return $"was answered {answer} instead of 403 origin_not_allowed. The proxy in front must pass on Origin and answer no preflight itself.";
        return answer.Header(Allow) is { } header
            ? $"was refused, but the response has {Allow}: {Printable.Of(header)}. The proxy in front must not add CORS headers."
            : null;
    }

    private static string? FlawOfAcceptance(ProbeResponse answer, int status, string origin)
    {
        if (answer.Status == 403) return $"was answered {answer} instead of {status}. Add it to the deployment's ALLOWED_ORIGINS, or name another with --origin.";
        if (answer.Status != status) return $"was answered {answer} instead of {status}.";
        return IsNot(answer, Allow, origin) ?? IsNot(answer, "Access-Control-Allow-Credentials", "true") ?? Lacks(answer, "Vary", "Origin");
    }

    // Two values, as of a proxy that adds its own, are one too many for a browser.
    private static string? IsNot(ProbeResponse answer, string header, string wanted) => answer.Header(header) is var value && value == wanted
        ? null
        : $"was answered {answer} {(value is null ? "without" : $"with {header}: {Printable.Of(value)} instead of")} {header}: {wanted}.";

    private static string? Lacks(ProbeResponse answer, string header, string word)
    {
        if (answer.Header(header) is not { } value) return $"was answered {answer} without {header}.";
        return value.Split(',', StringSplitOptions.TrimEntries).Contains(word, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"was answered {answer} with {header}: {Printable.Of(value)}, which lacks {word}.";
    }
}
