using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>
/// The rule of an allowed origin. It must be the ASCII serialization that a browser sends (WHATWG HTML, "serialization of an origin"), because
/// it is compared with requests character by character.
/// </summary>
internal static class OriginRule
{
    // Pages of these schemes have the origin null, or do not exist.
    private static readonly string[] SchemesWithoutOrigin = ["file", "ftp", "data", "blob", "about", "javascript", "ws", "wss"];

    /// <summary>The error in an origin; null if it is valid.</summary>
    public static SettingError? Check(string origin, bool isDevelopment)
    {
        if (origin == "null") return new("is null, which every sandboxed page sends", "Remove it.");
        if (origin.Contains('*', StringComparison.Ordinal)) return new("has a wildcard", "List each origin separately.");
        if (origin.Any(c => c > '~')) return new("is not ASCII", "Write the host in punycode (xn--…), as browsers send it.");
        if (origin.Any(c => c <= ' ')) return new("contains a space or a control character", "Separate origins with commas.");

        var split = origin.IndexOf("://", StringComparison.Ordinal);
        if (split < 0) return new("has no scheme", "Write scheme://host, for example https://chat.example.com.");
        if (origin.Any(char.IsAsciiLetterUpper)) return new("has upper-case letters", "Write it in lower case, as browsers send it.");
        var scheme = origin[..split];
        if (!IsScheme(scheme)) return new("has no scheme", "Write scheme://host, for example https://chat.example.com.");
        if (SchemesWithoutOrigin.Contains(scheme))
            return new($"has the scheme {scheme}:, which does not identify a page", "Remove it. The scheme of an app is allowed, for example capacitor://localhost.");

        var authority = origin[(split + 3)..];
        if (authority.Contains('@', StringComparison.Ordinal)) return new("contains a user name", "Write only scheme://host.");
        if (authority.IndexOfAny(['/', '\\', '?', '#']) >= 0)
            return new("has a path, a trailing slash, a query or a fragment", "Remove everything after the host or port.");
        return CheckAuthority(scheme, authority, isDevelopment);
    }

    private static SettingError? CheckAuthority(string scheme, string authority, bool isDevelopment)
    {
        // The colon before the port. Those of an IPv6 address are inside its brackets.
        var colon = authority.IndexOf(':', Math.Max(0, authority.IndexOf(']', StringComparison.Ordinal)));
        var host = colon > 0 ? authority[..colon] : authority;
        if (colon == 0) return new("has no host", "Write scheme://host.");
        if (colon > 0 && CheckPort(scheme, authority[(colon + 1)..]) is { } error) return error;
        if (!IsHost(host, mayBeNumber: scheme is not ("http" or "https")))
            return new("has a host in a spelling that browsers do not send", "Copy it from the address bar of the browser.");

        return scheme == "http" && !isDevelopment && !Loopback.IsHost(host)
            ? new("uses http: for a host that is not this machine", "Serve the page over https:, and use that.")
            : null;
    }

    private static SettingError? CheckPort(string scheme, string port)
    {
        var isPort = NumberRange.Port.TryParse(port, out var number) && port == number.ToString(CultureInfo.InvariantCulture);
        if (!isPort) return new($"has a port that is not a number from {NumberRange.Port}", "Write the port in digits, without leading zeros.");
        return (scheme, number) is ("https", 443) or ("http", 80)
            ? new("has the default port of its scheme, which browsers omit", "Remove the port.")
            : null;
    }

    // RFC 3986, section 3.1.
    private static bool IsScheme(string scheme) =>
        scheme.Length > 0 && char.IsAsciiLetterLower(scheme[0]) && scheme.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '+' or '-' or '.');

    private static bool IsHost(string host, bool mayBeNumber)
    {
        if (host.StartsWith('[')) return host.EndsWith(']') && host == SerializeIPv6(host[1..^1]);
        // Browsers keep the trailing dot of a fully qualified name, but not that of an IPv4 address.
        var name = host.EndsWith('.') ? host[..^1] : host;
        var labels = name.Split('.');
        if (name.Length > 253 || !labels.All(IsLabel)) return false;
        if (mayBeNumber) return true;

        // To a browser, a host whose last label is a number is an IPv4 address, which it sends as four decimal numbers.
        var last = labels[^1];
        var isNumber = last.All(char.IsAsciiDigit) || (last.StartsWith("0x", StringComparison.Ordinal)
            && last[2..].All(char.IsAsciiHexDigit));
        return !isNumber || Loopback.IsPlainIPv4(host);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The IPv6 serializer of the URL standard. Unlike .NET's, it never writes the last part as IPv4.</summary>
    private static string? SerializeIPv6(string text)
    {
        if (text.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address)) return null;
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return null;
        var bytes = address.GetAddressBytes();
        var pieces = Enumerable.Range(0, 8).Select(i => (bytes[2 * i] << 8) | bytes[(2 * i) + 1]).ToArray();

        var (gap, length) = (-1, 1);
        for (var start = 0; start < 8; start++)
        {
            var run = pieces.Skip(start).TakeWhile(p => p == 0).Count();
            if (run > length) (gap, length) = (start, run);
        }

        string Join(IEnumerable<int> some) => string.Join(':', some.Select(p => p.ToString("x", CultureInfo.InvariantCulture)));
        return gap < 0 ? $"[{Join(pieces)}]" : $"[{Join(pieces.Take(gap))}::{Join(pieces.Skip(gap + length))}]";
    }
}
