using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Orion.Api.Cors;

/// <summary>
/// Lets pages from allowed origins read every response, errors included (Fetch, section 3.2.3). It runs before all middleware that rejects
/// requests; <see cref="OriginMiddleware"/> rejects other origins.
/// </summary>
internal sealed class CorsHeadersMiddleware(RequestDelegate next, OriginPolicy policy)
{
    private static readonly StringValues True = "true";
    private static readonly StringValues Exposed =
        "Content-Length, X-Request-Id, Location, ETag, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed";

    private readonly Func<object, Task> _addHeaders = context => AddHeaders((HttpContext)context, policy);

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(_addHeaders, context);
        return next(context);
    }

    private static Task AddHeaders(HttpContext context, OriginPolicy policy)
    {
        // On every response, so that no cache serves the response for one origin to another.
        var headers = context.Response.Headers;
        if (!ContainsOrigin(headers.Vary)) headers.Vary = StringValues.Concat(headers.Vary, HeaderNames.Origin);

        if (policy.Find(context.Request.Headers.Origin) is { } origin)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowCredentials = True;
            headers.AccessControlExposeHeaders = Exposed;
        }

        return Task.CompletedTask;
    }

    private static bool ContainsOrigin(StringValues vary)
    {
        foreach (var line in vary)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                if (line.AsSpan()[part].Trim().Equals(HeaderNames.Origin, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
