using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>
/// What an allowed origin must look like: the ASCII serialization that a browser sends (WHATWG HTML, "serialization of an origin"), because
/// requests are compared with it character by character and any other spelling would never match, or match too much.
/// </summary>
internal static class OriginRule
{
    // A page of one of these has the origin null, or is of no scheme that pages have.
    private static readonly string[] SchemesWithoutOrigin = ["file", "ftp", "data", "blob", "about", "javascript", "ws", "wss"];

    /// <summary>What is wrong with an origin, or null.</summary>
    public static SettingError? Check(string origin, bool isDevelopment)
    {
        if (origin == "null") return new("is null, which every sandboxed page sends", "Leave it out.");
        if (origin.Contains('*', StringComparison.Ordinal)) return new("has a wildcard", "List each origin by itself.");
        if (origin.Any(c => c > '~')) return new("is not ASCII", "Write the host in punycode (xn--…), as browsers send it.");
        if (origin.Any(c => c <= ' ')) return new("has a blank or control character in it", "Separate origins with commas.");

        var split = origin.IndexOf("://", StringComparison.Ordinal);
        if (split < 0) return new("has no scheme", "Write scheme://host, for example https://chat.example.com.");
        if (origin.Any(char.IsAsciiLetterUpper)) return new("has capitals", "Write it in lower case, as browsers send it.");
        var scheme = origin[..split];
        if (!IsScheme(scheme)) return new("has no scheme", "Write scheme://host, for example https://chat.example.com.");
        if (SchemesWithoutOrigin.Contains(scheme))
            return new($"is a {scheme}: address, of which no page can be told apart", "Leave it out. An app's own scheme can be listed, such as capacitor://localhost.");

        var authority = origin[(split + 3)..];
        if (authority.Contains('@', StringComparison.Ordinal)) return new("has a user name in it", "Write scheme://host alone.");
        if (authority.IndexOfAny(['/', '\\', '?', '#']) >= 0)
            return new("has a path, a slash at the end, a query or a fragment", "End it after the host or port.");
        return CheckAuthority(scheme, authority, isDevelopment);
    }

    private static SettingError? CheckAuthority(string scheme, string authority, bool isDevelopment)
    {
        // The colon of the port: those of an IPv6 address stand before its bracket.
        var colon = authority.IndexOf(':', Math.Max(0, authority.IndexOf(']', StringComparison.Ordinal)));
        var host = colon > 0 ? authority[..colon] : authority;
        if (colon == 0) return new("has no host", "Write scheme://host.");
        if (colon > 0 && CheckPort(scheme, authority[(colon + 1)..]) is { } flaw) return flaw;
        if (!IsHost(host, mayBeNumber: scheme is not ("http" or "https")))
            return new("has a host that no browser would send in this spelling", "Copy it from the browser's address line.");

        return scheme == "http" && !isDevelopment && !Loopback.IsHost(host)
            ? new("is plain http: for a host that is not this machine", "Serve the page over https: and write that.")
            : null;
    }

    private static SettingError? CheckPort(string scheme, string port)
    {
        var isPort = int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= 65535 && port == number.ToString(CultureInfo.InvariantCulture);
        if (!isPort) return new("has a port that is no number from 1 to 65535", "Write the port in digits, without zeros before it.");
        return (scheme, number) is ("https", 443) or ("http", 80)
            ? new("names its scheme's own port, which browsers leave out", "Leave the port out.")
            : null;
    }

    // RFC 3986, section 3.1.
    private static bool IsScheme(string scheme) =>
        scheme.Length > 0 && char.IsAsciiLetterLower(scheme[0]) && scheme.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '+' or '-' or '.');

    private static bool IsHost(string host, bool mayBeNumber)
    {
        if (host.StartsWith('[')) return host.EndsWith(']') && host == AsBrowsersWrite(host[1..^1]);
        // Browsers keep the dot that ends a fully qualified name, but not behind an IPv4 address.
        var name = host.EndsWith('.') ? host[..^1] : host;
        var labels = name.Split('.');
        if (name.Length > 253 || !labels.All(IsLabel)) return false;
        if (mayBeNumber) return true;

        // A host whose last label is a number is an IPv4 address to a browser, and is sent as four plain numbers.
        var last = labels[^1];
        var isNumber = last.All(char.IsAsciiDigit) || (last.StartsWith("0x", StringComparison.Ordinal)
            && last[2..].All(char.IsAsciiHexDigit));
        return !isNumber || Loopback.IsPlainIPv4(host);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The IPv6 serializer of the URL standard: unlike .NET's it never writes the last part as IPv4.</summary>
    private static string? AsBrowsersWrite(string text)
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
