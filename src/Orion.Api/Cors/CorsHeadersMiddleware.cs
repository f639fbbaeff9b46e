using Microsoft.Extensions.Primitives;

namespace Orion.Api.Cors;

/// <summary>
/// Lets the pages on the list read every answer, refusals included (Fetch, section 3.2.3). Stands before all that refuses;
/// <see cref="OriginMiddleware"/> does the refusing of other pages.
/// </summary>
internal sealed class CorsHeadersMiddleware(RequestDelegate next, OriginPolicy policy)
{
    private const string Origin = "Origin";

    private static readonly StringValues VaryByOrigin = Origin;
    private static readonly StringValues True = "true";
    private static readonly StringValues Exposed =
        "Content-Length, X-Request-Id, Location, ETag, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed";

    private static readonly Func<object, Task> KeepVary = static response =>
    {
        var headers = ((HttpResponse)response).Headers;
        if (!NamesOrigin(headers.Vary))
            headers.Vary = StringValues.Concat(headers.Vary, VaryByOrigin);
        return Task.CompletedTask;
    };

    public Task InvokeAsync(HttpContext context)
    {
        // Always, so that no cache gives one origin the answer that was meant for another or for none.
        var headers = context.Response.Headers;
        headers.Vary = VaryByOrigin;
        context.Response.OnStarting(KeepVary, context.Response);

        var sent = context.Request.Headers.Origin;
        if (sent.Count > 0 && policy.Allowed(sent) is { } origin)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowCredentials = True;
            headers.AccessControlExposeHeaders = Exposed;
        }

        return next(context);
    }

    private static bool NamesOrigin(StringValues vary)
    {
        foreach (var line in vary)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                if (line.AsSpan()[part].Trim().Equals(Origin, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
