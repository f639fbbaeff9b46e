using Microsoft.AspNetCore.Connections;

namespace Orion.Api.Hosting;

/// <summary>
/// Drains the connections before Kestrel stops: accepts no new ones, and closes each open one after its next response, which has
/// <c>Connection: close</c>. Kestrel itself closes idle connections at once when it stops, and would lose a request that is already on its
/// way (ADR 11).
/// </summary>
internal sealed class GracefulShutdown(DrainableListeners listeners) : IHostedLifecycleService
{
    // A connection in active use gets its next request within this time. A browser opens a new connection when an idle one closes.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _allClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connections;
    private volatile bool _isClosing;

    /// <summary>Whether each response is the last one of its connection.</summary>
    internal bool IsClosing => _isClosing;

    /// <summary>Counts a connection while it is open: a middleware of Kestrel's connection pipeline.</summary>
    internal async Task Track(ConnectionDelegate next, ConnectionContext connection)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await next(connection);
        }
        finally
        {
            if (Interlocked.Decrement(ref _connections) == 0 && _isClosing) _allClosed.TrySetResult();
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await listeners.Unbind();
        _isClosing = true;
        if (Volatile.Read(ref _connections) == 0) return;

        // Kestrel's stop closes the connections that were idle until then.
        await ((Task)_allClosed.Task.WaitAsync(Timeout, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
