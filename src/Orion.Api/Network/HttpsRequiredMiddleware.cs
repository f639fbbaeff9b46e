using Orion.Api.Errors;
using Orion.Api.SecurityEvents;

namespace Orion.Api.Network;

/// <summary>
/// Rejects requests that did not arrive over HTTPS. It never redirects, because a redirect would hide that the token has already been sent
/// in plain text. Runs after <see cref="ClientAddressMiddleware"/>, which sets the scheme, and after routing.
/// </summary>
internal sealed class HttpsRequiredMiddleware(RequestDelegate next, IProblemWriter problems, SecurityEventLog events)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.IsHttps || context.GetEndpoint()?.Metadata.GetMetadata<AllowHttpAttribute>() is not null)
            return next(context);

        // ClientAddressMiddleware removes the header of a trusted proxy, so a remaining one is from a peer that is not trusted.
        events.HttpsRequired(context, sentByProxy: context.Request.Headers.ContainsKey(ForwardedHeaders.Proto));
        return problems.Write(context, Problems.HttpsRequired);
    }
}
