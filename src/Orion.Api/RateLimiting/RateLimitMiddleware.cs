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
    SecurityEventLog events,
    SharedRateLimiter? shared = null)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
            return next(context);

        var caller = context.Features.Get<IRateLimitedCaller>();
        var partition = caller is not null && caller.TryGetUser(out var user, out var sessionToken)
            ? RateLimitPartition.Of(user, sessionToken)
            : RateLimitPartition.Of(context.Connection.RemoteIpAddress);
        var cost = context.GetEndpoint()?.Metadata.GetMetadata<RateLimitCost>()?.Requests ?? 1;
        // Also if all instances count together, because their count can become unavailable.
        var own = limiter.Acquire(partition, cost);
        return shared is null ? Continue(context, partition, own) : ContinueShared(context, partition, cost, own);
    }

    private async Task ContinueShared(HttpContext context, RateLimitPartition partition, int cost, RateLimitResult own) =>
        await Continue(context, partition, await shared!.Acquire(partition, cost) ?? own);

    private Task Continue(HttpContext context, RateLimitPartition partition, RateLimitResult result)
    {
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
