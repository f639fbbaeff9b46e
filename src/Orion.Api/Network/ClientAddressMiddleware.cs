using Microsoft.Extensions.Primitives;
using Orion.Api.SecurityEvents;

namespace Orion.Api.Network;

/// <summary>
/// Puts the client's address and scheme in place of the proxy's, where the peer is a trusted proxy; from any other peer forwarded
/// headers mean nothing. <c>X-Forwarded-Host</c> and <c>Forwarded</c> mean nothing from anybody.
/// </summary>
internal sealed class ClientAddressMiddleware(RequestDelegate next, TrustedProxies proxies, SecurityEventLog refusals)
{
    public Task InvokeAsync(HttpContext context)
    {
        var connection = context.Connection;
        var peer = connection.RemoteIpAddress;
        if (peer is null)
            return next(context);

        // A socket that listens for both families reports IPv4 peers in IPv6's form.
        if (peer.IsIPv4MappedToIPv6)
            connection.RemoteIpAddress = peer = peer.MapToIPv4();

        var headers = context.Request.Headers;
        var hasFor = headers.TryGetValue(ForwardedHeaders.For, out var addresses);
        var hasProto = headers.TryGetValue(ForwardedHeaders.Proto, out var scheme);
        if (!hasFor && !hasProto)
            return next(context);

        if (!proxies.Include(peer))
        {
            if (hasFor)
                refusals.ForwardedByUntrustedPeer(peer, addresses);
            return next(context);
        }

        if (hasFor)
        {
            headers.Remove(ForwardedHeaders.For);
            var client = ForwardedHeaders.Client(addresses, proxies);
            if (!client.IsReadable)
                refusals.ForwardedForUnreadable(peer, addresses);
            if (client.NamesOthers)
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
                refusals.ForwardedProtoUnreadable(peer, scheme);
        }

        return next(context);
    }
}

/// <summary>A list that names more than its client, kept for the operator: what it names is believed by nothing.</summary>
internal sealed record ForwardedAddresses(StringValues Lines);
