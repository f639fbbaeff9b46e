using Orion.Api.Errors;
using Orion.Api.SecurityEvents;

namespace Orion.Api.RateLimiting;

/// <summary>
/// Counts each request on its user's budget or, without a user, on its client address's, and refuses those beyond it. Stands behind
/// routing, and behind who verifies the token and says so in <see cref="IRateLimitedCaller"/>.
/// </summary>
internal sealed class RateLimitMiddleware(
    RequestDelegate next,
    FixedWindowRateLimiter budgets,
    RateLimitHeaders headers,
    IProblemWriter problems,
    SecurityEventLog refusals)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
            return next(context);

        var key = context.Features.Get<IRateLimitedCaller>() is { } owner && owner.TryGetUser(out var user, out var sessionToken)
            ? RateLimitPartition.Of(user, sessionToken)
            : RateLimitPartition.Of(context.Connection.RemoteIpAddress);
        var taken = budgets.Take(key);
        headers.Apply(context.Response.Headers, key.Kind, taken);
        if (taken.Allowed)
            return next(context);

        refusals.LimitHit(context, key.Kind);
        return problems.Write(context, Problems.RateLimited(taken.ResetsIn));
    }
}
