using Orion.Api.Errors;
using Orion.Api.SecurityEvents;

namespace Orion.Api.Network;

/// <summary>
/// Refuses what did not arrive over HTTPS, and never redirects: a redirect would hide that the token has already crossed the wire
/// in the clear. Stands behind <see cref="ClientAddressMiddleware"/>, which knows the scheme, and routing, which knows the endpoint.
/// </summary>
internal sealed class HttpsRequiredMiddleware(RequestDelegate next, IProblemWriter problems, SecurityEventLog refusals)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.IsHttps || context.GetEndpoint()?.Metadata.GetMetadata<AllowHttpAttribute>() is not null)
            return next(context);

        // A trusted proxy's word has been taken and taken away, so one that is still here came from a peer that is not trusted.
        refusals.HttpsRequired(context, byUntrustedProxy: context.Request.Headers.ContainsKey(ForwardedHeaders.Proto));
        return problems.Write(context, Problems.HttpsRequired);
    }
}
