using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Orion.Api.RateLimiting;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.Authentication;

/// <summary>
/// Verifies the token and recognizes the caller, silently: the rate limit must know whose budget it is before anybody is
/// refused. Open routes are passed by, their requests' tokens unread.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next, IDispatcher dispatcher)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            var identity = await Recognize(http);
            http.Features.Set(identity);
            http.Features.Set<IRateLimitedCaller>(identity);
        }

        await next(http);
    }

    private async Task<RequestIdentity> Recognize(HttpContext http)
    {
        var result = await http.AuthenticateAsync();
        if (!result.Succeeded) return new RequestIdentity { Rejection = Reason(result.Failure) };

        var token = http.Features.GetRequiredFeature<VerifiedToken>();
        var query = new AuthenticateCaller(token.Subject, token.IssuedAt, token.Session);
        var outcome = await dispatcher.Send(query, http.RequestAborted);
        if (outcome.Error is { } error) return RequestIdentity.Refused(error, token.Subject);

        http.User = result.Principal;
        return new RequestIdentity { Caller = outcome.Value };
    }

    private static string? Reason(Exception? failure) => failure switch
    {
        null => null,
        TokenRejectedException refused => refused.Rejection.ToString(),
        _ => failure.GetType().Name,
    };
}
