using Microsoft.Extensions.Primitives;
using Orion.Api.Errors;
using Orion.Api.SecurityEvents;

namespace Orion.Api.Cors;

/// <summary>
/// Answers preflights and refuses pages that are not on the list, before anything is counted or done for them. No
/// <c>Origin</c> passes: servers call too, and an origin proves nothing about who calls.
/// </summary>
internal sealed class OriginMiddleware(RequestDelegate next, OriginPolicy policy, IProblemWriter problems, SecurityEventLog refusals)
{
    private static readonly StringValues Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    private static readonly StringValues OneDay = "86400";

    public Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers.Origin;
        if (sent.Count == 0)
            return next(context);

        if (policy.Allowed(sent) is null)
        {
            refusals.OriginRefused(context, sent);
            return problems.Write(context, Problems.OriginNotAllowed);
        }

        return IsPreflight(context.Request) ? AnswerPreflight(context) : next(context);
    }

    // Fetch, section 3.2.2: an OPTIONS request that asks for a method.
    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;

    private static Task AnswerPreflight(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlAllowHeaders = PreflightHeaders.Allowed(context.Request.Headers.AccessControlRequestHeaders);
        response.Headers.AccessControlMaxAge = OneDay;
        return Task.CompletedTask;
    }
}
