namespace Orion.Api.Documentation;

/// <summary>The page <c>/docs</c>: the one answer that is a page, with a policy of its own.</summary>
internal static class DocumentationPage
{
    // Its script, styles and fonts are served by Orion; it sends nothing anywhere else.
    private const string Policy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Lets the page do what it needs; no other answer is touched.</summary>
    internal static void RelaxPolicy(EndpointBuilder endpoint)
    {
        var page = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http =>
        {
            http.Response.Headers.ContentSecurityPolicy = Policy;
            return page(http);
        };
    }
}
