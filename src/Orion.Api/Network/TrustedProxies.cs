using System.Net;

namespace Orion.Api.Network;

/// <summary>The peers whose forwarded headers count.</summary>
internal sealed class TrustedProxies(IEnumerable<IPNetwork> networks)
{
    private const int MappedPrefix = 96;

    private readonly IPNetwork[] _networks = [.. networks.Select(AsIPv4)];

    /// <summary>Whether the address, IPv4 where it is an IPv4-mapped one, is a trusted proxy's.</summary>
    internal bool Include(IPAddress address)
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
