using System.Net;
using System.Net.Sockets;

namespace Orion.Infrastructure.Configuration;

/// <summary>The hosts that are always this machine.</summary>
internal static class Loopback
{
    /// <summary><c>localhost</c> and its subdomains (RFC 6761, section 6.3), 127.0.0.0/8 and ::1, with or without brackets.</summary>
    public static bool IsHost(string host)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return true;
        if (host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) return true;
        if (IsPlainIPv4(host)) return IPAddress.IsLoopback(IPAddress.Parse(host));
        return host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && address.Equals(IPAddress.IPv6Loopback);
    }

    /// <summary>Whether a text is four decimal numbers. .NET also parses <c>127.1</c> and <c>0x7f.1</c>, which other parsers interpret differently.</summary>
    public static bool IsPlainIPv4(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;
}
