using Scalar.AspNetCore;

namespace Orion.Api.OpenApi;

/// <summary>The page <c>/docs</c>: the one answer that is a page, with a policy of its own.</summary>
internal static class DocumentationPage
{
    /// <summary>Lets the page do what it needs; no other answer is touched.</summary>
    internal static void RelaxPolicy(EndpointBuilder endpoint)
    {
        var page = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http =>
        {
            http.Response.OnStarting(() =>
            {
                // A file of the page has no nonce, and needs no policy.
                if (http.Items[ScalarOptions.NonceHttpContextItemKey] is string nonce)
                    http.Response.Headers.ContentSecurityPolicy = Policy(nonce);
                return Task.CompletedTask;
            });
            return page(http);
        };
    }

    // Its scripts are those that Orion wrote into this very answer, and it sends nothing anywhere else. Styles are made by its script.
    private static string Policy(string nonce) =>
        $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}
