using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Parses an entry of the trusted proxies: an address, or a CIDR block that is not too wide.</summary>
internal static class ProxyRule
{
    /// <summary>The shortest prefix of an IPv4 network.</summary>
    public const int WidestIPv4 = 8;

    /// <summary>The shortest prefix of an IPv6 network.</summary>
    public const int WidestIPv6 = 32;

    private const int MappedBits = 96;

    /// <summary>The network, or the error in the entry.</summary>
    public static (IPNetwork? Network, SettingError? Error) Read(string entry)
    {
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        var (text, prefixText) = slash < 0 ? (entry, null) : (entry[..slash], entry[(slash + 1)..]);
        if (ReadAddress(text) is not { } address)
            return (null, new("is neither an address nor a CIDR block", "Use, for example, 10.1.2.3 or 10.1.0.0/16."));

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        var isPrefix = prefixText is null || int.TryParse(prefixText, NumberStyles.None, CultureInfo.InvariantCulture, out prefix);
        if (!isPrefix || prefix > bits)
            return (null, new("has no valid prefix length after its slash", "Use, for example, 10.1.0.0/16."));

        // An IPv4-mapped address is IPv4: peers are compared as such, and the limit of IPv4 applies.
        if (address.IsIPv4MappedToIPv6 && prefix >= MappedBits) (address, prefix, bits) = (address.MapToIPv4(), prefix - MappedBits, 32);
        if (prefix < (bits == 32 ? WidestIPv4 : WidestIPv6))
            return (null, new($"is wider than /{WidestIPv4} (IPv6: /{WidestIPv6})", "Use the network of your proxies."));
        // .NET 10 silently clears such bits. In a setting about trust, they are more likely a typing error.
        if (!IPNetwork.TryParse($"{address}/{prefix}", out var network) || !network.BaseAddress.Equals(address))
            return (null, new("has bits set after its prefix length", "Use the first address of the network before the slash."));
        return bits == 128 && ContainsMapped(address, prefix)
            ? (null, new("contains all of IPv4", "Use the network of your proxies."))
            : (network, null);
    }

    /// <summary>
    /// Whether an IPv6 network contains ::ffff:0:0/96, which is IPv4. <see cref="IPNetwork.Contains"/> cannot be used, because it maps such
    /// addresses to IPv4.
    /// </summary>
    private static bool ContainsMapped(IPAddress address, int prefix) =>
        prefix < MappedBits && (Bits(address) ^ Bits(IPAddress.Any.MapToIPv6())) >> (128 - prefix) == 0;

    private static UInt128 Bits(IPAddress address) => BinaryPrimitives.ReadUInt128BigEndian(address.GetAddressBytes());

    private static IPAddress? ReadAddress(string text)
    {
        if (text.IndexOfAny(['%', '[', ']']) >= 0) return null;
        if (!text.Contains(':', StringComparison.Ordinal)) return Loopback.IsPlainIPv4(text) ? IPAddress.Parse(text) : null;
        return IPAddress.TryParse(text, out var address) ? address : null;
    }
}
