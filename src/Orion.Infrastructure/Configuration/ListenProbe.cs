using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orion.Infrastructure.Configuration;

/// <summary>
/// Checks whether addresses can be listened on. The machine may not have them, or the account may not be allowed to use them. The check
/// binds but does not listen, so that a running server does not lose clients.
/// </summary>
public static class ListenProbe
{
    /// <summary>The addresses that cannot be opened, with the reasons.</summary>
    public static IReadOnlyList<ListenProblem> FindProblems(IEnumerable<ListenAddress> addresses) =>
        [.. addresses.Select(address => (Address: address, Error: ErrorOf(address))).Where(result => result.Error is not null)
            .Select(result => new ListenProblem(result.Address, Explain(result.Address, result.Error!.Value), result.Error == SocketError.AddressAlreadyInUse))];

    /// <summary>Why an address cannot be opened; null if it can.</summary>
    private static SocketError? ErrorOf(ListenAddress address)
    {
        if (address.SocketPath is { } path) return Directory.Exists(Path.GetDirectoryName(path)) ? null : SocketError.AddressNotAvailable;
        if (address.Port == 0 && address.Address is null) return null;
        if (address.Address is { } ip) return ErrorOf(ip, address.Port);
        if (!address.IsLocalhost)
        {
            // As in Kestrel: both protocols, or only IPv4 if the machine does not support IPv6.
            var both = ErrorOf(IPAddress.IPv6Any, address.Port);
            return IsMissing(both) ? ErrorOf(IPAddress.Any, address.Port) : both;
        }

        var (ipv4, ipv6) = (ErrorOf(IPAddress.Loopback, address.Port), ErrorOf(IPAddress.IPv6Loopback, address.Port));
        return IsMissing(ipv6) ? ipv4 : ipv4 ?? ipv6;
    }

    private static bool IsMissing(SocketError? error) => error is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable;

    private static SocketError? ErrorOf(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static SettingProblem Explain(ListenAddress address, SocketError error)
    {
        var port = string.Create(CultureInfo.InvariantCulture, $"port {address.Port}");
        var (what, fix) = error switch
        {
            SocketError.AddressAlreadyInUse => (
                $"uses {port}, on which another program listens", "Stop that program, or choose another port."),
            SocketError.AccessDenied => (
                $"uses {port}, which this account may not open",
                "Choose a port above 1023, or let systemd (orion.socket) or a proxy listen on this one."),
            SocketError.AddressNotAvailable when address.SocketPath is { } path => (
                $"names a socket in a folder that does not exist, {Path.GetDirectoryName(path)}", "Create the folder for the account that Orion runs as."),
            SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported => (
                $"names an address, {address.Host}, that this machine does not have",
                "Use an address of this machine: 127.0.0.1 for loopback only, or 0.0.0.0 for all addresses."),
            _ => ($"names an address that cannot be listened on ({error})", "Use another address or port."),
        };
        var isWrongAddress = address.ServesMetrics && error == SocketError.AddressNotAvailable;
        return new SettingProblem(isWrongAddress ? SettingsTable.MetricsAddress.Name : address.Variable, what, address.Where, fix);
    }
}

/// <summary>An address that cannot be opened.</summary>
/// <param name="Address">The address.</param>
/// <param name="Problem">The reason, and what to do about it.</param>
/// <param name="IsInUse">Whether another program is listening there. It may stop.</param>
public sealed record ListenProblem(ListenAddress Address, SettingProblem Problem, bool IsInUse);
