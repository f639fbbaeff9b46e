namespace Orion.Cli.Verification;

/// <summary>The headers that the contract (section 7) puts on every answer: said again here, because a check that asked the service's own list would check nothing.</summary>
internal static class ProtectiveHeaders
{
    private static readonly (string Name, string Value)[] Constant =
    [
        ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Origin-Agent-Cluster", "?1"),
        ("Referrer-Policy", "no-referrer"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-DNS-Prefetch-Control", "off"),
        ("X-Download-Options", "noopen"),
        ("X-Frame-Options", "DENY"),
        ("X-Permitted-Cross-Domain-Policies", "none"),
        ("X-XSS-Protection", "0"),
        ("Cache-Control", "no-store"),
    ];

    /// <summary>What is wrong with an answer's headers; empty where nothing is.</summary>
    internal static IReadOnlyList<string> FlawsOf(ProbeResponse answer)
    {
        var flaws = Constant.Where(header => answer.Header(header.Name) != header.Value)
            .Select(header => answer.Header(header.Name) is null ? $"no {header.Name}" : $"another {header.Name}").ToList();
        if (!GrantsNothing(answer.Header("Permissions-Policy"))) flaws.Add("a Permissions-Policy that grants something, or none");
        if (answer.Header("X-Powered-By") is not null) flaws.Add("X-Powered-By");
        // A proxy in front may say its own name; Orion's server must not.
        if (answer.Header("Server")?.Contains("Kestrel", StringComparison.OrdinalIgnoreCase) == true) flaws.Add("Server: Kestrel");
        return flaws;
    }

    private static bool GrantsNothing(string? policy) =>
        policy is not null && policy.Split(',').All(feature => feature.Trim().EndsWith("=()", StringComparison.Ordinal));
}
