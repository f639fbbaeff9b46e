using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Primitives;

namespace Orion.Api.Network;

/// <summary>
/// Reads what proxies say about a request. <c>X-Forwarded-For</c> is a list to which each proxy appends the address that it was
/// reached from. It is read from the right, and what stands to the left of the client is the client's own word and never looked at.
/// </summary>
internal static class ForwardedHeaders
{
    internal const string For = "X-Forwarded-For";
    internal const string Proto = "X-Forwarded-Proto";

    private const int MaxEntries = 20;
    private const int MaxPortDigits = 5;
    private const int MaxIPv4Length = 15;

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Whom a list names as the client.</summary>
    /// <param name="Address">The client; null where the peer that sent the list is the last one known.</param>
    /// <param name="IsReadable">Whether the client was found, or the list ended with it.</param>
    /// <param name="NamesOthers">Whether there is more to the left of the client.</param>
    internal readonly record struct Reading(IPAddress? Address, bool IsReadable, bool NamesOthers);

    /// <summary>
    /// The client: the first address from the right that is no trusted proxy, the last one read where all are. An entry in that place
    /// that is no address, or no client within 20 entries, leaves the last trusted address.
    /// </summary>
    /// <param name="lines">The header's lines: one list, in their order (RFC 9110, section 5.3).</param>
    /// <param name="proxies">The trusted proxies.</param>
    internal static Reading Client(StringValues lines, TrustedProxies proxies)
    {
        IPAddress? last = null;
        var entries = 0;
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            var rest = lines[i].AsSpan();
            for (var comma = 0; comma >= 0;)
            {
                comma = rest.LastIndexOf(',');
                if (++entries > MaxEntries || !TryReadAddress(rest[(comma + 1)..].Trim(" \t"), out var address))
                    return new Reading(last, IsReadable: false, NamesOthers: true);

                last = address;
                if (!proxies.Include(address))
                    return new Reading(address, IsReadable: true, NamesOthers: comma >= 0 || i > 0);
                rest = rest[..Math.Max(comma, 0)];
            }
        }

        return new Reading(last, IsReadable: true, NamesOthers: false);
    }

    /// <summary>The scheme: <c>https</c> where the header is this one word and nothing else.</summary>
    internal static string Scheme(StringValues lines) => IsWord(lines, Uri.UriSchemeHttps) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    /// <summary>Whether the header is one scheme and nothing else.</summary>
    internal static bool IsScheme(StringValues lines) => IsWord(lines, Uri.UriSchemeHttps) || IsWord(lines, Uri.UriSchemeHttp);

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

    private static bool IsWord(StringValues lines, string scheme) => lines is [{ } word] && word.Equals(scheme, StringComparison.OrdinalIgnoreCase);

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
