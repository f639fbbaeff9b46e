using System.Globalization;
using System.Net;

namespace Orion.Infrastructure.Configuration;

/// <summary>An address that the service listens on.</summary>
/// <param name="Variable">The variable of the setting.</param>
/// <param name="Where">Where the setting was found.</param>
/// <param name="Host">The host as configured: an IP address, <c>localhost</c>, or any other name, which means all addresses.</param>
/// <param name="Port">The port. With 0, the system chooses one.</param>
/// <param name="IsHttps">Whether the service terminates TLS.</param>
/// <param name="ServesMetrics">Whether it serves only metrics.</param>
public sealed record ListenAddress(string Variable, string Where, string Host, int Port, bool IsHttps = false, bool ServesMetrics = false)
{
    private const string Form = "Set it to, for example, http://127.0.0.1:3002, or http://*:3002 for all addresses. Separate several with semicolons.";

    /// <summary>The path of a Unix socket; null for a TCP address. <see cref="Port"/> has no meaning for a socket.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>Whether the host is <c>localhost</c>, which is two addresses.</summary>
    public bool IsLocalhost => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>The IP address; null if the host is a name.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host.Trim('[', ']'), out var address) ? address : null;

    /// <summary>The host at which this machine reaches it.</summary>
    public string ReachableHost => Address is not { } ip || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) ? "127.0.0.1" : ip.ToString();

    /// <summary>The address as a URL.</summary>
    public string Url => SocketPath is { } path
        ? $"http://unix:{path}"
        : string.Create(CultureInfo.InvariantCulture, $"{(IsHttps ? "https" : "http")}://{Host}:{Port}");

    /// <summary>Parses a URL as Kestrel does, which accepts hosts that <see cref="Uri"/> does not.</summary>
    internal static (ListenAddress? Address, SettingError? Error) Read(string url, string variable, string where)
    {
        var text = url.Trim();
        var isHttps = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) return (null, new("is not a URL with http:// or https://", Form));

        var rest = text[(isHttps ? 8 : 7)..];
        if (rest.StartsWith("unix:", StringComparison.Ordinal))
        {
            return rest.Length > 6 && rest[5] == '/'
                ? (new(variable, where, "unix", 0, isHttps) { SocketPath = rest[5..] }, null)
                : (null, new("has no path after unix:", "Set it to, for example, http://unix:/run/orion/orion.sock."));
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && slash < rest.Length - 1) return (null, new("has a path, which an address to listen on cannot have", Form));
        var authority = slash < 0 ? rest : rest[..slash];
        var colon = authority.LastIndexOf(':');
        var hasPort = colon >= 0 && authority.IndexOf(']', StringComparison.Ordinal) < colon;
        var host = hasPort ? authority[..colon] : authority;
        var port = isHttps ? 443 : 80;
        if (hasPort && !(int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort))
            return (null, new($"has a port that is not a number from 0 to {IPEndPoint.MaxPort}", Form));
        if (host.Length == 0 || host.Contains('@', StringComparison.Ordinal)) return (null, new("has no host", Form));

        var address = new ListenAddress(variable, where, host, port, isHttps);
        return address is { IsLocalhost: true, Port: 0 }
            ? (null, new("lets the system choose the port of localhost, which is two addresses", "Use 127.0.0.1 instead."))
            : (address, null);
    }
}
