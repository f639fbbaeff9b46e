using System.Security.Cryptography;
using Orion.Cli.Reporting;

namespace Orion.Cli.Verification;

/// <summary>The origins from which browsers may send requests.</summary>
internal static class OriginChecks
{
    private const string Allow = "Access-Control-Allow-Origin";

    internal static async Task<VerificationResult> Foreign(Probe probe, string token, CancellationToken cancellationToken)
    {
        var origin = $"https://orion-verify-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.example.com";
        var plain = await probe.Get("/api/me", token, cancellationToken, ("Origin", origin));
        if (ProblemOfRejection(plain) is { } problem) return VerificationResult.Failed($"A request from a foreign origin {problem}");
        var preflight = await Preflight(probe, origin, cancellationToken);
        return ProblemOfRejection(preflight) is { } other ? VerificationResult.Failed($"A preflight from a foreign origin {other}") : VerificationResult.Passed;
    }

    internal static async Task<VerificationResult> Allowed(Probe probe, string token, string? origin, CancellationToken cancellationToken)
    {
        if (origin is null) return new VerificationResult(CheckStatus.Skipped, "no origin to try (ALLOWED_ORIGINS is empty, or --origin is not given)");

        var plain = await probe.Get("/api/me", token, cancellationToken, ("Origin", origin));
        if (ProblemOfAcceptance(plain, 200, origin) is { } problem) return VerificationResult.Failed($"A request from {origin} {problem}");
        var preflight = await Preflight(probe, origin, cancellationToken);
        var other = ProblemOfAcceptance(preflight, 204, origin)
            ?? Missing(preflight, "Access-Control-Allow-Methods", "POST") ?? Missing(preflight, "Access-Control-Allow-Headers", "Authorization");
        return other is null ? VerificationResult.Passed : VerificationResult.Failed($"The preflight from {origin} {other}");
    }

    private static Task<ProbeResponse> Preflight(Probe probe, string origin, CancellationToken cancellationToken) => probe.Send(
        HttpMethod.Options, "/api/sessions", null, null, cancellationToken,
        ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type"));

    private static string? ProblemOfRejection(ProbeResponse response)
    {
        if (response is not { Status: 403, Code: "origin_not_allowed" })
            return $"got {response} instead of 403 origin_not_allowed. The proxy in front must pass on Origin and must not respond to preflights itself.";
        return response.Header(Allow) is { } header
            ? $"was rejected, but the response has {Allow}: {Printable.Of(header)}. The proxy in front must not add CORS headers."
            : null;
    }

    private static string? ProblemOfAcceptance(ProbeResponse response, int status, string origin)
    {
        if (response.Status == 403) return $"got {response} instead of {status}. Add it to the deployment's ALLOWED_ORIGINS, or name another with --origin.";
        if (response.Status != status) return $"got {response} instead of {status}.";
        return Mismatch(response, Allow, origin) ?? Mismatch(response, "Access-Control-Allow-Credentials", "true") ?? Missing(response, "Vary", "Origin");
    }

    // Browsers reject two values, as when a proxy adds its own.
    private static string? Mismatch(ProbeResponse response, string header, string expected) => response.Header(header) is var value && value == expected
        ? null
        : $"got {response} {(value is null ? "without" : $"with {header}: {Printable.Of(value)} instead of")} {header}: {expected}.";

    private static string? Missing(ProbeResponse response, string header, string word)
    {
        if (response.Header(header) is not { } value) return $"got {response} without {header}.";
        return value.Split(',', StringSplitOptions.TrimEntries).Contains(word, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"got {response} with {header}: {Printable.Of(value)}, which lacks {word}.";
    }
}
