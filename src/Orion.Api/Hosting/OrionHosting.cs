using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orion.Api.Errors;
using Orion.Api.Health;
using Orion.Api.Http;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.Hosting;

/// <summary>Configures Kestrel and the shutdown, and runs the service.</summary>
internal static class OrionHosting
{
    /// <summary>The lowest rate at which a client may send a body or read a response.</summary>
    internal const int MinBytesPerSecond = 240;

    // Replies end after 10 s as interrupted, and their readers get the last frames.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(12);
    private static readonly MinDataRate MinDataRate = new(MinBytesPerSecond, gracePeriod: TimeSpan.FromSeconds(5));

    internal static IServiceCollection AddOrionHosting(this IServiceCollection services)
    {
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        services.AddSingleton<IProblemWriter, ProblemWriter>();
        services.AddSingleton<ServiceIdentity>();
        services.AddSingleton<ProtectionState>();
        services.AddSingleton<DevelopmentBanner>();
        services.AddSingleton<GracefulShutdown>();
        services.AddHostedService(provider => provider.GetRequiredService<GracefulShutdown>());
        return services.AddSystemdService();
    }

    internal static void ConfigureOrionKestrel(this IWebHostBuilder host, OrionSettings settings, bool isDevelopment)
    {
        // The sockets of systemd take precedence over --urls and ASPNETCORE_URLS, and those over PORT.
        if (SystemdService.HasSockets) host.UseUrls();
        else if (string.IsNullOrEmpty(host.GetSetting(WebHostDefaults.ServerUrlsKey)))
            host.UseUrls($"http://{(isDevelopment ? "localhost" : "*")}:{settings.Port}");

        // The slim host leaves this out, but --urls and ASPNETCORE_URLS may name https.
        host.UseKestrelHttpsConfiguration();
        host.ConfigureServices(services => services
            .AddSingleton<SocketTransportFactory>()
            .AddSingleton<DrainableListeners>()
            .Replace(ServiceDescriptor.Singleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<DrainableListeners>())));
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection =>
                endpoint.ApplicationServices.GetRequiredService<GracefulShutdown>().Track(next, connection)));
            kestrel.UseSystemd();
            kestrel.AddServerHeader = false;
            var limits = kestrel.Limits;
            limits.MaxConcurrentConnections = settings.MaxConnections;
            limits.MaxRequestHeadersTotalSize = 16 * 1024;
            limits.MaxRequestHeaderCount = 100;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            // Includes the framing of chunks. RequestBodies limits the content.
            limits.MaxRequestBodySize = RequestBodies.MaxBytesWithFraming;

            // Kestrel's own buffers for each connection.
            limits.MaxRequestBufferSize = InFlightBytes.Small;
            limits.MaxResponseBufferSize = InFlightBytes.Small;
            limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            limits.MinRequestBodyDataRate = MinDataRate;
            limits.MinResponseDataRate = MinDataRate;
        });
    }

    /// <summary>Runs the service until a shutdown is requested.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunUntilStopped(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<OrionSettings>();
        var environment = app.Environment.EnvironmentName;
        var started = app.Lifetime.ApplicationStarted;
        try
        {
            await using (app) return await app.StartAndWait();
        }
        catch (Exception exception) when (!started.IsCancellationRequested && StartFailure.IsOfSettings(exception))
        {
            // The sockets of this process are closed by now, so an address that is in use belongs to another process.
            return await StartFailure.Report(exception, settings, environment);
        }
    }

    private static async Task<int> StartAndWait(this WebApplication app)
    {
        // The first database check takes longest, so it runs while the rest starts.
        _ = app.Services.GetRequiredService<IDatabaseHealth>().Check();
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // A shutdown was requested during the start.
            return Environment.ExitCode;
        }

        if (app.Environment.IsDevelopment())
            _ = app.Services.GetRequiredService<DevelopmentBanner>().PrintWhenReady(app.Urls, app.Lifetime.ApplicationStopping);

        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    }
}
