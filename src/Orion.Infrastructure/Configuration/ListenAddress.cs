using System.Globalization;
using System.Net;

namespace Orion.Infrastructure.Configuration;

/// <summary>One address that the service listens on.</summary>
/// <param name="Variable">The setting that says so.</param>
/// <param name="Where">Where that was found.</param>
/// <param name="Host">The host as it is written: an address, <c>localhost</c>, or anything else, which means all addresses.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
/// <param name="IsHttps">Whether the service ends TLS there.</param>
/// <param name="ServesMetrics">Whether it is the metrics' own port.</param>
public sealed record ListenAddress(string Variable, string Where, string Host, int Port, bool IsHttps = false, bool ServesMetrics = false)
{
    private const string Form = "Write for example http://127.0.0.1:3002, or http://*:3002 for all addresses; separate several with semicolons.";

    /// <summary>The socket's path, where it is one of the file system; <see cref="Port"/> means nothing then.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>Whether it is this machine by name: both of its loopback addresses.</summary>
    public bool IsLocalhost => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address, where one is written.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host.Trim('[', ']'), out var address) ? address : null;

    /// <summary>The address as a URL.</summary>
    public string Url => SocketPath is { } path
        ? $"http://unix:{path}"
        : string.Create(CultureInfo.InvariantCulture, $"{(IsHttps ? "https" : "http")}://{Host}:{Port}");

    /// <summary>Reads one URL as Kestrel does, which knows hosts that no <see cref="Uri"/> has.</summary>
    internal static (ListenAddress? Address, SettingError? SettingError) Read(string url, string variable, string where)
    {
        var text = url.Trim();
        var isHttps = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) return (null, new("is no URL that begins with http:// or https://", Form));

        var rest = text[(isHttps ? 8 : 7)..];
        if (rest.StartsWith("unix:", StringComparison.Ordinal))
        {
            return rest.Length > 6 && rest[5] == '/'
                ? (new(variable, where, "unix", 0, isHttps) { SocketPath = rest[5..] }, null)
                : (null, new("names no path after unix:", "Write http://unix:/run/orion/orion.sock."));
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && slash < rest.Length - 1) return (null, new("has a path, which no address to listen on has", Form));
        var authority = slash < 0 ? rest : rest[..slash];
        var colon = authority.LastIndexOf(':');
        var hasPort = colon >= 0 && authority.IndexOf(']', StringComparison.Ordinal) < colon;
        var host = hasPort ? authority[..colon] : authority;
        var port = isHttps ? 443 : 80;
        if (hasPort && !(int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535))
            return (null, new("has a port that is no number from 0 to 65535", Form));
        if (host.Length == 0 || host.Contains('@', StringComparison.Ordinal)) return (null, new("names no host", Form));

        var address = new ListenAddress(variable, where, host, port, isHttps);
        return address is { IsLocalhost: true, Port: 0 }
            ? (null, new("lets the system choose the port of localhost, which is two addresses", "Write 127.0.0.1 in its place."))
            : (address, null);
    }
}
