using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Orion.Api.Errors;
using Orion.Api.SecurityEvents;
using Orion.Domain;

namespace Orion.Api.Authentication;

/// <summary>
/// Refuses with 401 and 403. The answer tells nothing of which check failed or who would be authorized; the log tells all of it.
/// </summary>
internal sealed class AuthorizationResultHandler(IProblemWriter problems, SecurityEventLog refusals) : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        return authorizeResult.Succeeded ? next(context) : Write(context);
    }

    /// <summary>Refuses the request by what is known of its caller.</summary>
    internal Task Write(HttpContext context)
    {
        var identity = context.Identity();
        if (identity?.Caller is not null)
        {
            refusals.InsufficientScope(context);
            return problems.Write(context, Problems.InsufficientScope);
        }

        if (identity?.Unauthorized is { } unauthorized)
        {
            refusals.NotAuthorized(context, unauthorized.Value);
            return problems.Write(context, Problems.NotAuthorized);
        }

        if (identity?.Rejection is { } reason)
        {
            refusals.TokenRejected(context, reason);
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            return problems.Write(context, Problems.InvalidToken);
        }

        refusals.TokenRejected(context, RequestIdentity.Missing);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return problems.Write(context, Problems.MissingToken);
    }
}

/// <summary>A caller whose token counted when the request began, and not when its command was to be saved.</summary>
internal sealed class CallerRefusedResult(Error error) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Features.Set(RequestIdentity.Refused(error, httpContext.Caller().Email));
        return httpContext.RequestServices.GetRequiredService<AuthorizationResultHandler>().Write(httpContext);
    }
}
