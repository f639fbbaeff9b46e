using Microsoft.AspNetCore.RateLimiting;
using Orion.Api.Errors;
using Orion.Api.SecurityEvents;

namespace Orion.Api.RateLimiting;

/// <summary>
/// Counts each request against its user or, without a user, its client address, and rejects it with 429 beyond the limit. Runs after
/// routing, and after authentication has set <see cref="IRateLimitedCaller"/>.
/// </summary>
internal sealed class RateLimitMiddleware(
    RequestDelegate next,
    FixedWindowRateLimiter limiter,
    RateLimitHeaders headers,
    IProblemWriter problems,
    SecurityEventLog events)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
            return next(context);

        var caller = context.Features.Get<IRateLimitedCaller>();
        var partition = caller is not null && caller.TryGetUser(out var user, out var sessionToken)
            ? RateLimitPartition.Of(user, sessionToken)
            : RateLimitPartition.Of(context.Connection.RemoteIpAddress);
        var result = limiter.Acquire(partition);
        context.Response.OnStarting(() =>
        {
            headers.Apply(context.Response.Headers, partition.Kind, result);
            return Task.CompletedTask;
        });
        if (result.IsAllowed)
            return next(context);

        events.RateLimited(context, partition.Kind);
        return problems.Write(context, Problems.RateLimited(result.ResetSeconds));
    }
}
