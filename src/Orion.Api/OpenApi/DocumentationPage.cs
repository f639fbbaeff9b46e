using Scalar.AspNetCore;

namespace Orion.Api.OpenApi;

/// <summary>The page <c>/docs</c>: the only HTML response, with its own Content-Security-Policy.</summary>
internal static class DocumentationPage
{
    /// <summary>Replaces the Content-Security-Policy of this endpoint's responses with one that allows the page's scripts and styles.</summary>
    internal static void RelaxPolicy(EndpointBuilder endpoint)
    {
        var page = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http =>
        {
            http.Response.OnStarting(() =>
            {
                // The page's static files have no nonce and keep the default policy.
                if (http.Items[ScalarOptions.NonceHttpContextItemKey] is string nonce)
                    http.Response.Headers.ContentSecurityPolicy = Policy(nonce);
                return Task.CompletedTask;
            });
            return page(http);
        };
    }

    // Only the scripts in this response run, and they send requests only to Orion. They create styles, so inline styles are allowed.
    private static string Policy(string nonce) =>
        $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}
