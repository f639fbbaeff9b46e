using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Orion.Api.Errors;
using Orion.Api.SecurityEvents;
using Orion.Domain;

namespace Orion.Api.Authentication;

/// <summary>
/// Writes the 401 and 403 responses. A response does not say which check failed or who is authorized; the log has the reason.
/// </summary>
internal sealed class AuthorizationResultHandler(IProblemWriter problems, SecurityEventLog events) : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        return authorizeResult.Succeeded ? next(context) : Reject(context);
    }

    /// <summary>Rejects the request by its <see cref="RequestIdentity"/>.</summary>
    internal Task Reject(HttpContext context)
    {
        var identity = context.Identity();
        if (identity?.Caller is not null)
        {
            events.InsufficientScope(context);
            return problems.Write(context, Problems.InsufficientScope);
        }

        if (identity?.NotAuthorized is { } subject)
        {
            events.NotAuthorized(context, subject.Value);
            return problems.Write(context, Problems.NotAuthorized);
        }

        if (identity?.Rejection is { } reason)
        {
            events.TokenRejected(context, reason);
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            return problems.Write(context, Problems.InvalidToken);
        }

        events.TokenRejected(context, RequestIdentity.Missing);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return problems.Write(context, Problems.MissingToken);
    }
}

/// <summary>The response if the caller's token was valid when the request began, but no longer when the command was saved.</summary>
internal sealed class CallerRejectedResult(Error error) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Features.Set(RequestIdentity.Rejected(error, httpContext.Caller().Email));
        return httpContext.RequestServices.GetRequiredService<AuthorizationResultHandler>().Reject(httpContext);
    }
}
