namespace Orion.IntegrationTests.Fixtures;

/// <summary>The headers of every answer: contract, section 7.</summary>
internal static class SecurityHeaderAssertions
{
    private static readonly Dictionary<string, string> Wanted = new()
    {
        ["Content-Security-Policy"] = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ["Cross-Origin-Opener-Policy"] = "same-origin",
        ["Cross-Origin-Resource-Policy"] = "same-origin",
        ["Origin-Agent-Cluster"] = "?1",
        ["Referrer-Policy"] = "no-referrer",
        ["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains",
        ["X-Content-Type-Options"] = "nosniff",
        ["X-DNS-Prefetch-Control"] = "off",
        ["X-Download-Options"] = "noopen",
        ["X-Frame-Options"] = "DENY",
        ["X-Permitted-Cross-Domain-Policies"] = "none",
        ["X-XSS-Protection"] = "0",
        ["Cache-Control"] = "no-store",
    };

    public static ApiResponse ShouldBeOn(ApiResponse answer)
    {
        foreach (var (name, value) in Wanted)
        {
            if (answer.Header(name) != value) throw new Xunit.Sdk.XunitException($"{name} is not {value} in: {answer}");
        }

        // Nothing is granted: every feature that is named has an empty list.
        Assert.All(answer.Needs("Permissions-Policy").Split(','), feature => Assert.EndsWith("=()", feature.Trim(), StringComparison.Ordinal));
        Assert.Null(answer.Header("Server"));
        Assert.Null(answer.Header("X-Powered-By"));
        Assert.Contains("Origin", answer.Needs("Vary").Split(',').Select(field => field.Trim()), StringComparer.OrdinalIgnoreCase);
        Assert.Matches("^[A-Za-z0-9._-]{1,64}$", answer.Needs("X-Request-Id"));
        return answer;
    }
}
