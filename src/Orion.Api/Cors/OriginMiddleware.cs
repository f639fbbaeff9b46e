using Microsoft.Extensions.Primitives;
using Orion.Api.Errors;
using Orion.Api.SecurityEvents;

namespace Orion.Api.Cors;

/// <summary>
/// Responds to preflights, and rejects pages from other origins before the request is counted or does any work. A request without
/// <c>Origin</c> passes: servers call too, and an origin does not authenticate the caller.
/// </summary>
internal sealed class OriginMiddleware(RequestDelegate next, OriginPolicy policy, IProblemWriter problems, SecurityEventLog events)
{
    private static readonly StringValues Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    private static readonly StringValues OneDay = "86400";

    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count == 0)
            return next(context);

        if (policy.Find(origin) is null)
        {
            events.OriginRejected(context, origin);
            return problems.Write(context, Problems.OriginNotAllowed);
        }

        return IsPreflight(context.Request) ? RespondToPreflight(context) : next(context);
    }

    // Fetch, section 3.2.2: an OPTIONS request that names the method of a later request.
    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;

    private static Task RespondToPreflight(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlAllowHeaders = PreflightHeaders.Allowed(context.Request.Headers.AccessControlRequestHeaders);
        response.Headers.AccessControlMaxAge = OneDay;
        return Task.CompletedTask;
    }
}
