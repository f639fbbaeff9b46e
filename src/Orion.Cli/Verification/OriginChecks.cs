using System.Security.Cryptography;

namespace Orion.Cli.Verification;

/// <summary>Whom browsers may call for.</summary>
internal static class OriginChecks
{
    private const string Allow = "Access-Control-Allow-Origin";

    internal static async Task<Finding> Foreign(Probe probe, string token, CancellationToken cancellationToken)
    {
        var origin = $"https://orion-verify-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.example.com";
        var plain = await probe.Get("/api/me", token, cancellationToken, ("Origin", origin));
        if (!IsRefused(plain)) return Finding.Failed($"A foreign origin's request was answered {plain}.");
        var preflight = await Preflight(probe, origin, cancellationToken);
        return IsRefused(preflight) ? Finding.Passed : Finding.Failed($"A foreign origin's preflight was answered {preflight}.");
    }

    internal static async Task<Finding> Allowed(Probe probe, string token, string? origin, CancellationToken cancellationToken)
    {
        if (origin is null) return new Finding(Mark.Skipped, "no browser may call (ALLOWED_ORIGINS is empty, or --origin is not given)");

        var plain = await probe.Get("/api/me", token, cancellationToken, ("Origin", origin));
        if (plain.Status != 200 || !IsEchoed(plain, origin)) return Finding.Failed($"{origin} was answered {plain}, or without its CORS headers.");
        var preflight = await Preflight(probe, origin, cancellationToken);
        return preflight.Status == 204 && IsEchoed(preflight, origin)
            && Lists(preflight, "Access-Control-Allow-Methods", "POST") && Lists(preflight, "Access-Control-Allow-Headers", "Authorization")
                ? Finding.Passed
                : Finding.Failed($"The preflight of {origin} was answered {preflight}, or without its CORS headers.");
    }

    private static Task<ProbeAnswer> Preflight(Probe probe, string origin, CancellationToken cancellationToken) => probe.Send(
        HttpMethod.Options, "/api/sessions", null, null, cancellationToken,
        ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type"));

    private static bool IsRefused(ProbeAnswer answer) => answer is { Status: 403, Code: "origin_not_allowed" } && answer.Header(Allow) is null;

    private static bool IsEchoed(ProbeAnswer answer, string origin) =>
        answer.Header(Allow) == origin && answer.Header("Access-Control-Allow-Credentials") == "true" && Lists(answer, "Vary", "Origin");

    private static bool Lists(ProbeAnswer answer, string header, string word) =>
        answer.Header(header)?.Split(',', StringSplitOptions.TrimEntries).Contains(word, StringComparer.OrdinalIgnoreCase) == true;
}
