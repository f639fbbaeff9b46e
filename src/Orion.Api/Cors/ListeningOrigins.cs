using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Orion.Api.Cors;

/// <summary>
/// The origins of the service itself, for the page that it serves in Development. A service that listens on loopback or on all addresses
/// is reachable under each of the three names of loopback.
/// </summary>
internal sealed class ListeningOrigins(IServer server)
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] AllAddresses = ["*", "+", "0.0.0.0", "[::]"];

    internal IEnumerable<string> List() =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).SelectMany(OriginsOf) ?? [];

    private static IEnumerable<string> OriginsOf(BindingAddress address)
    {
        if (address.IsUnixPipe || address.IsNamedPipe)
            return [];

        var scheme = address.Scheme.ToLowerInvariant();
        var host = address.Host.ToLowerInvariant();
        // An origin omits the default port of its scheme (RFC 6454, section 6.2).
        var port = (scheme, address.Port) is ("http", 80) or ("https", 443) ? "" : $":{address.Port}";
        var hosts = Loopback.Contains(host) || AllAddresses.Contains(host) ? Loopback : [host];
        return hosts.Select(name => $"{scheme}://{name}{port}");
    }
}
