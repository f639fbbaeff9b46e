using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Primitives;

namespace Orion.Api.Network;

/// <summary>
/// Parses forwarded headers. <c>X-Forwarded-For</c> is a list to which each proxy appends the address of its peer. It is read from the
/// right; entries to the left of the client are ignored, because the client can forge them.
/// </summary>
internal static class ForwardedHeaders
{
    internal const string For = "X-Forwarded-For";
    internal const string Proto = "X-Forwarded-Proto";

    private const int MaxEntries = 20;
    private const int MaxPortDigits = 5;
    private const int MaxIPv4Length = 15;

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>The client according to a list.</summary>
    /// <param name="Address">The client; null where no entry was read, so that the peer is the client.</param>
    /// <param name="IsValid">Whether every entry that was read is an address, and at most <see cref="MaxEntries"/> were needed.</param>
    /// <param name="HasMoreEntries">Whether the list has entries to the left of the client.</param>
    internal readonly record struct Client(IPAddress? Address, bool IsValid, bool HasMoreEntries);

    /// <summary>
    /// Finds the client: the first address from the right that is not a trusted proxy, or the last one read where all are. If that entry
    /// is not an address, or more than 20 entries would be needed, the client is the last trusted address.
    /// </summary>
    /// <param name="lines">The lines of the header, which form one list (RFC 9110, section 5.3).</param>
    /// <param name="proxies">The trusted proxies.</param>
    internal static Client FindClient(StringValues lines, TrustedProxies proxies)
    {
        IPAddress? last = null;
        var entries = 0;
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            var rest = lines[i].AsSpan();
            for (var comma = 0; comma >= 0;)
            {
                comma = rest.LastIndexOf(',');
                if (++entries > MaxEntries || !TryParseAddress(rest[(comma + 1)..].Trim(" \t"), out var address))
                    return new Client(last, IsValid: false, HasMoreEntries: true);

                last = address;
                if (!proxies.Contains(address))
                    return new Client(address, IsValid: true, HasMoreEntries: comma >= 0 || i > 0);
                rest = rest[..Math.Max(comma, 0)];
            }
        }

        return new Client(last, IsValid: true, HasMoreEntries: false);
    }

    /// <summary>The scheme: <c>https</c> where the header has exactly this value, else <c>http</c>.</summary>
    internal static string Scheme(StringValues lines) => IsExactly(lines, Uri.UriSchemeHttps) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    /// <summary>Whether the header is exactly one scheme.</summary>
    internal static bool IsScheme(StringValues lines) => IsExactly(lines, Uri.UriSchemeHttps) || IsExactly(lines, Uri.UriSchemeHttp);

    /// <summary>
    /// Parses <c>v4</c>, <c>v4:port</c>, <c>v6</c>, <c>[v6]</c> or <c>[v6]:port</c>; an IPv4-mapped address becomes IPv4.
    /// </summary>
    internal static bool TryParseAddress(ReadOnlySpan<char> entry, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (entry.StartsWith('['))
        {
            var end = entry.IndexOf(']');
            return end > 0 && (end == entry.Length - 1 || IsPort(entry[(end + 1)..])) && TryParseIPv6(entry[1..end], out address);
        }

        var colon = entry.IndexOf(':');
        if (colon < 0)
            return TryParseIPv4(entry, out address);

        return entry[(colon + 1)..].Contains(':')
            ? TryParseIPv6(entry, out address)
            : IsPort(entry[colon..]) && TryParseIPv4(entry[..colon], out address);
    }

    private static bool IsExactly(StringValues lines, string scheme) => lines is [{ } value] && value.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text is [':', _, ..] && text.Length <= MaxPortDigits + 1 && !text[1..].ContainsAnyExceptInRange('0', '9');

    // .NET also parses "1", "0x7f.1" and the octal "010.0.0.1". Only the form that it formats is accepted.
    private static bool TryParseIPv4(ReadOnlySpan<char> text, out IPAddress? address)
    {
        Span<char> canonical = stackalloc char[MaxIPv4Length];
        return IPAddress.TryParse(text, out address)
            && address.TryFormat(canonical, out var length)
            && text.SequenceEqual(canonical[..length]);
    }

    // .NET also parses zones ("%eth0") and prefixes ("/64"), which do not identify a client.
    private static bool TryParseIPv6(ReadOnlySpan<char> text, out IPAddress? address)
    {
        address = null;
        if (text.ContainsAnyExcept(IPv6Characters) || !text.Contains(':') || !IPAddress.TryParse(text, out address))
            return false;

        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return true;
    }
}
