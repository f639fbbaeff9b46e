using Microsoft.Extensions.Primitives;
using Orion.Api.SecurityEvents;

namespace Orion.Api.Network;

/// <summary>
/// Sets the client's address and scheme from the forwarded headers of a trusted proxy. Those of any other peer are ignored, and so are
/// <c>X-Forwarded-Host</c> and <c>Forwarded</c>. ADR 6 says why it is not the framework's middleware.
/// </summary>
internal sealed class ClientAddressMiddleware(RequestDelegate next, TrustedProxies proxies, SecurityEventLog events)
{
    public Task InvokeAsync(HttpContext context)
    {
        var connection = context.Connection;
        var peer = connection.RemoteIpAddress;
        if (peer is null)
            return next(context);

        // A dual-mode socket reports IPv4 peers as IPv4-mapped addresses.
        if (peer.IsIPv4MappedToIPv6)
            connection.RemoteIpAddress = peer = peer.MapToIPv4();

        var headers = context.Request.Headers;
        var hasFor = headers.TryGetValue(ForwardedHeaders.For, out var addresses);
        var hasProto = headers.TryGetValue(ForwardedHeaders.Proto, out var scheme);
        if (!hasFor && !hasProto)
            return next(context);

        if (!proxies.Contains(peer))
        {
            if (hasFor)
                events.ForwardedByUntrustedPeer(peer, addresses);
            return next(context);
        }

        if (hasFor)
        {
            headers.Remove(ForwardedHeaders.For);
            var client = ForwardedHeaders.FindClient(addresses, proxies);
            if (!client.IsValid)
                events.ForwardedForMalformed(peer, addresses);
            if (client.HasMoreEntries)
                context.Features.Set(new ForwardedAddresses(addresses));
            if (client.Address is not null)
            {
                connection.RemoteIpAddress = client.Address;
                connection.RemotePort = 0;
            }
        }

        if (hasProto)
        {
            headers.Remove(ForwardedHeaders.Proto);
            context.Request.Scheme = ForwardedHeaders.Scheme(scheme);
            if (!ForwardedHeaders.IsScheme(scheme))
                events.ForwardedProtoMalformed(peer, scheme);
        }

        return next(context);
    }
}

/// <summary>An <c>X-Forwarded-For</c> with entries to the left of the client. Only the log uses it, because a client can forge them.</summary>
internal sealed record ForwardedAddresses(StringValues Lines);
