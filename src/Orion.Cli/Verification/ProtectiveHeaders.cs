namespace Orion.Cli.Verification;

/// <summary>
/// The headers that the contract (section 7) puts on every response. They are repeated here, because a check against the service's own list
/// would prove nothing.
/// </summary>
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
    ];

    /// <summary>The problems of a response's headers; empty if there are none.</summary>
    internal static IReadOnlyList<string> ProblemsOf(IReadOnlyDictionary<string, string> headers, string cacheControl = "no-store")
    {
        var problems = Constant.Append((Name: "Cache-Control", Value: cacheControl)).Where(header => headers.GetValueOrDefault(header.Name) != header.Value)
            .Select(header => headers.ContainsKey(header.Name) ? $"another {header.Name}" : $"no {header.Name}").ToList();
        if (!GrantsNothing(headers.GetValueOrDefault("Permissions-Policy"))) problems.Add("no Permissions-Policy, or one that grants a feature");
        if (headers.ContainsKey("X-Powered-By")) problems.Add("X-Powered-By");
        // A proxy in front may state its name; Orion's server must not.
        if (headers.GetValueOrDefault("Server")?.Contains("Kestrel", StringComparison.OrdinalIgnoreCase) == true) problems.Add("Server: Kestrel");
        return problems;
    }

    private static bool GrantsNothing(string? policy) =>
        policy is not null && policy.Split(',').All(feature => feature.Trim().EndsWith("=()", StringComparison.Ordinal));
}
