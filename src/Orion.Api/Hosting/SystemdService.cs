using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Orion.Application.Availability;

namespace Orion.Api.Hosting;

/// <summary>
/// A service of systemd (deploy/systemd): it says when it is ready and when it stops, shows that it is alive, and listens on the socket
/// that systemd holds (sd_notify(3), sd_listen_fds(3)).
/// </summary>
internal static class SystemdService
{
    /// <summary>Whether systemd has passed sockets to listen on to this process.</summary>
    internal static bool HasSockets =>
        Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>How often systemd wants to hear from this process; null where it does not watch.</summary>
    private static TimeSpan? WatchdogTime =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
        && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    internal static IServiceCollection AddSystemdService(this IServiceCollection services)
    {
        if (HasSockets) services.AddHostedService<ReadyBeforeListening>();

        // Not AddSystemd(): it looks for its parent's name in /proc, where a service with ProtectProc=invisible sees none.
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is null) return services;
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
        if (WatchdogTime is { } time)
            services.AddHostedService(provider => new Watchdog(provider.GetRequiredService<ISystemdNotifier>(), time / 3));
        return services;
    }

    /// <summary>
    /// Waits for the database before the server listens: what comes meanwhile waits in the socket, and need not be refused. A database
    /// that is away does not keep the service from saying so.
    /// </summary>
    private sealed class ReadyBeforeListening(IDatabaseHealth database) : IHostedService
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

        public async Task StartAsync(CancellationToken cancellationToken) =>
            await database.WhenReady.WaitAsync(Timeout, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Shows that the process is alive. Its turns come from the thread pool, as a request's do: where those starve, it does, too.</summary>
    private sealed class Watchdog(ISystemdNotifier systemd, TimeSpan interval) : BackgroundService
    {
        private static readonly ServiceState Alive = new("WATCHDOG=1");

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(interval);
            try
            {
                do systemd.Notify(Alive);
                while (await timer.WaitForNextTickAsync(stoppingToken));
            }
            catch (OperationCanceledException)
            {
                // The process stops.
            }
        }
    }
}
