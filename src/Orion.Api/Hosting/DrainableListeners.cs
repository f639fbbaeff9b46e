using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Orion.Api.Hosting;

/// <summary>
/// Kestrel's sockets, which can stop listening before the server stops: what a client then opens waits, unaccepted, in a socket that
/// systemd holds, for the process that comes next.
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

    /// <summary>Takes no new connection any more; those that are open go on.</summary>
    internal async Task Unbind()
    {
        IConnectionListener[] bound;
        lock (_bound) bound = [.. _bound];
        // Kestrel unbinds them once more when it stops, which does nothing then.
        foreach (var listener in bound) await listener.UnbindAsync();
    }
}
