namespace Orion.IntegrationTests.Fixtures;

/// <summary>The headers of every response: contract, section 7.</summary>
internal static class SecurityHeaderAssertions
{
    private static readonly Dictionary<string, string> Expected = new()
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

    public static ApiResponse ShouldBeOn(ApiResponse response)
    {
        foreach (var (name, value) in Expected)
        {
            // Section 8.
            var expected = name == "Cache-Control" && response.ContentType == "text/event-stream" ? "no-store, no-transform" : value;
            if (response.Header(name) != expected) throw new Xunit.Sdk.XunitException($"{name} is not {expected} in: {response}");
        }

        // Every listed feature has an empty allow-list.
        Assert.All(response.Required("Permissions-Policy").Split(','), feature => Assert.EndsWith("=()", feature.Trim(), StringComparison.Ordinal));
        Assert.Null(response.Header("Server"));
        Assert.Null(response.Header("X-Powered-By"));
        Assert.Contains("Origin", response.Required("Vary").Split(',').Select(field => field.Trim()), StringComparer.OrdinalIgnoreCase);
        Assert.Matches("^[A-Za-z0-9._-]{1,64}$", response.Required("X-Request-Id"));
        return response;
    }
}
