using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orion.Infrastructure.Configuration;

/// <summary>
/// Tries whether addresses can be listened on: what the settings say may be right, and the machine or the account may still refuse.
/// Nothing is listened on, so that no client is taken from a server that runs.
/// </summary>
public static class ListenProbe
{
    /// <summary>Every address that cannot be opened, with what to do about it.</summary>
    public static IReadOnlyList<ListenProblem> Try(IEnumerable<ListenAddress> addresses) =>
        [.. addresses.Select(address => (Address: address, Error: ErrorOf(address))).Where(tried => tried.Error is not null)
            .Select(tried => new ListenProblem(tried.Address, Explain(tried.Address, tried.Error!.Value), tried.Error == SocketError.AddressAlreadyInUse))];

    /// <summary>Why an address cannot be opened; null where it can.</summary>
    private static SocketError? ErrorOf(ListenAddress address)
    {
        if (address.SocketPath is { } path) return Directory.Exists(Path.GetDirectoryName(path)) ? null : SocketError.AddressNotAvailable;
        if (address.Port == 0 && address.Address is null) return null;
        if (address.Address is { } ip) return ErrorOf(ip, address.Port);
        if (!address.IsLocalhost)
        {
            // As Kestrel: both protocols, or IPv4 alone where the machine has no other.
            var both = ErrorOf(IPAddress.IPv6Any, address.Port);
            return IsMissing(both) ? ErrorOf(IPAddress.Any, address.Port) : both;
        }

        var (four, six) = (ErrorOf(IPAddress.Loopback, address.Port), ErrorOf(IPAddress.IPv6Loopback, address.Port));
        return IsMissing(six) ? four : four ?? six;
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
                $"names {port}, on which another program listens", "Stop that program, or choose another port."),
            SocketError.AccessDenied => (
                $"names {port}, which this account may not open",
                "Choose a port from 1024 on, or have systemd (orion.socket) or a proxy listen on this one."),
            SocketError.AddressNotAvailable when address.SocketPath is { } path => (
                $"names a socket in a folder that does not exist, {Path.GetDirectoryName(path)}", "Make the folder, for the account that Orion runs as."),
            SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported => (
                $"names an address, {address.Host}, that this machine does not have",
                "Write an address of this machine, 127.0.0.1 for itself alone, or 0.0.0.0 for all of them."),
            _ => ($"names an address that cannot be listened on ({error})", "Write another address or port."),
        };
        var isForeign = address.ServesMetrics && error == SocketError.AddressNotAvailable;
        return new SettingProblem(isForeign ? SettingsTable.MetricsAddress.Name : address.Variable, what, address.Where, fix);
    }
}

/// <summary>An address that cannot be opened.</summary>
/// <param name="Address">The address.</param>
/// <param name="Problem">Why, and what to do.</param>
/// <param name="IsTaken">Whether another program listens there, which may end.</param>
public sealed record ListenProblem(ListenAddress Address, SettingProblem Problem, bool IsTaken);
