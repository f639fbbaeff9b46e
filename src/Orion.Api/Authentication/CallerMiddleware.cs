using Microsoft.AspNetCore.Authentication;
using Orion.Api.RateLimiting;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.Authentication;

/// <summary>
/// Finds the caller of the verified token. It rejects nothing: the rate limit, which comes first, needs the caller to choose the
/// partition.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next, IDispatcher dispatcher)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var identity = await Recognize(http);
        http.Features.Set(identity);
        http.Features.Set<IRateLimitedCaller>(identity);
        await next(http);
    }

    private async Task<RequestIdentity> Recognize(HttpContext http)
    {
        // The handler returns the result of UseAuthentication again.
        var result = await http.AuthenticateAsync();
        if (result.Principal?.Identity is not TokenIdentity { Token: var token }) return new RequestIdentity { Rejection = Reason(result.Failure) };

        var query = new AuthenticateCaller(token.Subject, token.IssuedAt, token.Session);
        var outcome = await dispatcher.Send(query, http.RequestAborted);
        return outcome.Error is { } error ? RequestIdentity.Rejected(error, token.Subject) : new RequestIdentity { Caller = outcome.Value };
    }

    private static string? Reason(Exception? failure) => failure switch
    {
        null => null,
        TokenRejectedException rejected => rejected.Rejection.ToString(),
        // The library rejects a token that Orion's strict parser accepts. No such token is known.
        _ => failure.GetType().Name,
    };
}
