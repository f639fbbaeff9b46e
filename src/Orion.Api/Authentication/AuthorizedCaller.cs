using Microsoft.AspNetCore.Authorization;

namespace Orion.Api.Authentication;

/// <summary>A route requires a recognized caller, and accepts a session token only with <see cref="AcceptsSessionTokenAttribute"/>.</summary>
internal sealed class AuthorizedCallerRequirement : IAuthorizationRequirement;

internal sealed class AuthorizedCallerHandler : AuthorizationHandler<AuthorizedCallerRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AuthorizedCallerRequirement requirement)
    {
        if (context.Resource is HttpContext http && http.Identity() is { Caller: { } caller })
        {
            var isInScope = caller.Scope is null || http.GetEndpoint()?.Metadata.GetMetadata<AcceptsSessionTokenAttribute>() is not null;
            if (isInScope) context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
