namespace Orion.Api.Hosting;

/// <summary>What comes before the server's own stop: no new connection, and a last answer on each of those that are open.</summary>
internal sealed class GracefulShutdown(DrainableListeners listeners, ConnectionTracker connections) : IHostedLifecycleService
{
    // A connection in use has its next request by then, and one of a browser is closed as it always may be.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await listeners.Unbind();
        await connections.Close(Timeout, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
