using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Orion.Api.Cors;

/// <summary>
/// The origins of the service itself, for a page that it serves in Development. Who listens on loopback or on every address is
/// reached under each of loopback's three names.
/// </summary>
internal sealed class ListeningOrigins(IServer server)
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] Everywhere = ["*", "+", "0.0.0.0", "[::]"];

    internal IEnumerable<string> List() =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).SelectMany(Of) ?? [];

    private static IEnumerable<string> Of(BindingAddress address)
    {
        if (address.IsUnixPipe || address.IsNamedPipe)
            return [];

        var scheme = address.Scheme.ToLowerInvariant();
        var host = address.Host.ToLowerInvariant();
        // Browsers leave a scheme's own port out (RFC 6454, section 6.2).
        var port = (scheme, address.Port) is ("http", 80) or ("https", 443) ? "" : $":{address.Port}";
        var hosts = Loopback.Contains(host) || Everywhere.Contains(host) ? Loopback : [host];
        return hosts.Select(name => $"{scheme}://{name}{port}");
    }
}
