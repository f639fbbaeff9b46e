using System.Net;

namespace Orion.Api.Network;

/// <summary>The peers whose forwarded headers are used.</summary>
internal sealed class TrustedProxies(IEnumerable<IPNetwork> networks)
{
    private const int MappedPrefix = 96;

    private readonly IPNetwork[] _networks = [.. networks.Select(AsIPv4)];

    /// <summary>Whether the address is a trusted proxy. An IPv4-mapped address must be passed as IPv4.</summary>
    internal bool Contains(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    private static IPNetwork AsIPv4(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefix
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix)
            : network;
}
