using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Orion.Api.Hosting;

/// <summary>
/// Kestrel's sockets, which can stop listening before the server stops. Kestrel itself does not support that. New connections then wait
/// in the socket that systemd holds, until the next process accepts them.
/// </summary>
internal sealed class DrainableListeners(SocketTransportFactory sockets) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly List<IConnectionListener> _bound = [];

    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await sockets.BindAsync(endpoint, cancellationToken);
        lock (_bound) _bound.Add(listener);
        return listener;
    }

    /// <summary>Stops accepting connections. Open connections are not affected.</summary>
    internal async Task Unbind()
    {
        IConnectionListener[] bound;
        lock (_bound) bound = [.. _bound];

        // Kestrel calls this again when it stops, which then has no effect.
        foreach (var listener in bound) await listener.UnbindAsync();
    }
}
