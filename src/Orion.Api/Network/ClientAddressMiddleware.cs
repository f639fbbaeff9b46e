namespace Orion.Api.Network;

/// <summary>
/// Puts the client's address and scheme in place of the proxy's, where the peer is a trusted proxy; from any other peer forwarded
/// headers mean nothing. <c>X-Forwarded-Host</c> and <c>Forwarded</c> mean nothing from anybody.
/// </summary>
internal sealed class ClientAddressMiddleware(RequestDelegate next, TrustedProxies proxies)
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
        if ((!hasFor && !hasProto) || !proxies.Include(peer))
            return next(context);

        if (hasFor)
        {
            headers.Remove(ForwardedHeaders.For);
            if (ForwardedHeaders.Client(addresses, proxies) is { } client)
            {
                connection.RemoteIpAddress = client;
                connection.RemotePort = 0;
            }
        }

        if (hasProto)
        {
            headers.Remove(ForwardedHeaders.Proto);
            context.Request.Scheme = ForwardedHeaders.Scheme(scheme);
        }

        return next(context);
    }
}
