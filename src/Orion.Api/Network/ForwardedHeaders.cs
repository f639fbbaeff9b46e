using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Primitives;

namespace Orion.Api.Network;

/// <summary>
/// Reads what proxies say about a request. <c>X-Forwarded-For</c> is a list to which each proxy appends the address that it was
/// reached from, so the right end is the trustworthy one and everything left of the client is the client's invention.
/// </summary>
internal static class ForwardedHeaders
{
    internal const string For = "X-Forwarded-For";
    internal const string Proto = "X-Forwarded-Proto";

    private const int MaxEntries = 20;
    private const int MaxPortDigits = 5;
    private const int MaxIPv4Length = 15;

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>
    /// The client: the rightmost address that is no trusted proxy, the leftmost where all are. Null where the list is empty, has more
    /// than 20 entries or one that is no address.
    /// </summary>
    /// <param name="lines">The header's lines: one list, in their order (RFC 9110, section 5.3).</param>
    internal static IPAddress? Client(StringValues lines, TrustedProxies proxies)
    {
        IPAddress? client = null;
        IPAddress? leftmost = null;
        var entries = 0;
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            var rest = lines[i].AsSpan();
            for (var comma = 0; comma >= 0;)
            {
                comma = rest.LastIndexOf(',');
                if (++entries > MaxEntries || !TryReadAddress(rest[(comma + 1)..].Trim(" \t"), out leftmost))
                    return null;

                if (client is null && !proxies.Include(leftmost))
                    client = leftmost;
                rest = rest[..Math.Max(comma, 0)];
            }
        }

        return client ?? leftmost;
    }

    /// <summary>The scheme: <c>https</c> where the header is this one word and nothing else.</summary>
    internal static string Scheme(StringValues lines) =>
        lines is [{ } word] && word.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    /// <summary>
    /// Reads <c>v4</c>, <c>v4:port</c>, <c>v6</c>, <c>[v6]</c> or <c>[v6]:port</c>; an IPv4-mapped address comes out as IPv4.
    /// </summary>
    internal static bool TryReadAddress(ReadOnlySpan<char> entry, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (entry.StartsWith('['))
        {
            var end = entry.IndexOf(']');
            return end > 0 && (end == entry.Length - 1 || IsPort(entry[(end + 1)..])) && TryReadIPv6(entry[1..end], out address);
        }

        var colon = entry.IndexOf(':');
        if (colon < 0)
            return TryReadIPv4(entry, out address);

        return entry[(colon + 1)..].Contains(':')
            ? TryReadIPv6(entry, out address)
            : IsPort(entry[colon..]) && TryReadIPv4(entry[..colon], out address);
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text is [':', _, ..] && text.Length <= MaxPortDigits + 1 && !text[1..].ContainsAnyExceptInRange('0', '9');

    // .NET also reads "1", "0x7f.1" and octal "010.0.0.1" as IPv4; only what it would write itself is an address here.
    private static bool TryReadIPv4(ReadOnlySpan<char> text, out IPAddress? address)
    {
        Span<char> canonical = stackalloc char[MaxIPv4Length];
        return IPAddress.TryParse(text, out address)
            && address.TryFormat(canonical, out var length)
            && text.SequenceEqual(canonical[..length]);
    }

    // Zones ("%eth0") and prefixes ("/64"), which .NET also reads, name no client.
    private static bool TryReadIPv6(ReadOnlySpan<char> text, out IPAddress? address)
    {
        address = null;
        if (text.ContainsAnyExcept(IPv6Characters) || !text.Contains(':') || !IPAddress.TryParse(text, out address))
            return false;

        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return true;
    }
}
