using Orion.Api.Errors;
using Orion.Api.Logging;

namespace Orion.Api.RateLimiting;

/// <summary>
/// Counts each request on its user's budget or, without a user, on its client address's, and refuses those beyond it. Stands behind
/// routing, and behind who verifies the token and says so in <see cref="IBudgetOwner"/>.
/// </summary>
internal sealed class RateLimitMiddleware(
    RequestDelegate next,
    FixedWindowBudgets budgets,
    RateLimitHeaders headers,
    IProblemWriter problems,
    Refusals refusals)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<NotCountedAttribute>() is not null)
            return next(context);

        var key = context.Features.Get<IBudgetOwner>() is { } owner && owner.TryGetUser(out var user, out var sessionToken)
            ? BudgetKey.Of(user, sessionToken)
            : BudgetKey.Of(context.Connection.RemoteIpAddress);
        var taken = budgets.Take(key);
        headers.Apply(context.Response.Headers, key.Kind, taken);
        if (taken.Allowed)
            return next(context);

        refusals.LimitHit(context, key.Kind);
        return problems.Write(context, Problems.RateLimited(taken.ResetsIn));
    }
}
