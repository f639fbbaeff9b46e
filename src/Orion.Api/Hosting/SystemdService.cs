using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Orion.Application.Availability;

namespace Orion.Api.Hosting;

/// <summary>
/// Runs as a service of systemd (deploy/systemd): notifies it of readiness, stopping and the watchdog, and listens on the socket that
/// systemd holds (sd_notify(3), sd_listen_fds(3)).
/// </summary>
internal static class SystemdService
{
    /// <summary>Whether systemd has passed listening sockets to this process.</summary>
    internal static bool HasSockets =>
        Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The watchdog timeout of systemd; null where the watchdog is off.</summary>
    private static TimeSpan? WatchdogTimeout =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
        && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    internal static IServiceCollection AddSystemdService(this IServiceCollection services)
    {
        if (HasSockets) services.AddHostedService<ReadyBeforeListening>();

        // Not AddSystemd(): it reads the parent's name from /proc, which ProtectProc=invisible hides, and replaces the JSON log by its own
        // formatter. It has no watchdog.
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is null) return services;
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
        if (WatchdogTimeout is { } timeout)
            services.AddHostedService(provider => new Watchdog(provider.GetRequiredService<ISystemdNotifier>(), timeout / 3));
        return services;
    }

    /// <summary>
    /// Waits for the database before the server listens. Meanwhile, connections wait in the socket. If the database stays unavailable, the
    /// service starts nevertheless and responds with 503.
    /// </summary>
    private sealed class ReadyBeforeListening(IDatabaseHealth database) : IHostedService
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

        public async Task StartAsync(CancellationToken cancellationToken) =>
            await database.WhenReady.WaitAsync(Timeout, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Notifies the watchdog from the thread pool, where requests run too: if the pool is starved, systemd restarts the service.</summary>
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
