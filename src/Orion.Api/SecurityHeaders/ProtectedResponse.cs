using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Orion.Api.Http;

namespace Orion.Api.SecurityHeaders;

/// <summary>
/// Takes back a prepared answer without taking back the protections: <see cref="ResponseExtensions.Clear"/> would drop the headers that
/// let a page read a failure and an operator find it.
/// </summary>
internal static class ProtectedResponse
{
    private static readonly string[] Kept =
    [
        RequestIdMiddleware.HeaderName,
        HeaderNames.Vary,
        HeaderNames.AccessControlAllowOrigin,
        HeaderNames.AccessControlAllowCredentials,
        HeaderNames.AccessControlExposeHeaders,
        RateLimiting.RateLimitHeaders.Policy,
        RateLimiting.RateLimitHeaders.Left,
    ];

    /// <summary>Clears status, body and headers of a response that has not started, but for what every response carries.</summary>
    /// <exception cref="InvalidOperationException">The response has started.</exception>
    internal static void Clear(HttpResponse response)
    {
        var headers = response.Headers;
        var values = new StringValues[Kept.Length];
        for (var i = 0; i < Kept.Length; i++)
            values[i] = headers[Kept[i]];

        response.Clear();
        SecurityHeaders.Apply(headers);
        for (var i = 0; i < Kept.Length; i++)
        {
            if (values[i].Count > 0)
                headers[Kept[i]] = values[i];
        }
    }
}
