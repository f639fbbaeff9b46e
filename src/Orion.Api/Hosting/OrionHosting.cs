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

/// <summary>How the process listens, what it lets a connection do, and how it ends.</summary>
internal static class OrionHosting
{
    private static readonly TimeSpan GraceOnStop = TimeSpan.FromSeconds(10);

    internal static IServiceCollection AddOrionHosting(this IServiceCollection services)
    {
        services.Configure<HostOptions>(options => options.ShutdownTimeout = GraceOnStop);
        services.AddSingleton<IProblemWriter, ProblemWriter>();
        services.AddSingleton<ServiceIdentity>();
        services.AddSingleton<ProtectionState>();
        services.AddSingleton<DevelopmentBanner>();
        services.AddSingleton<ConnectionTracker>();
        services.AddHostedService<GracefulShutdown>();
        return services.AddSystemdService();
    }

    internal static void ConfigureOrionKestrel(this IWebHostBuilder host, OrionSettings settings, bool isDevelopment)
    {
        // systemd's sockets win over what ASP.NET's own ways say (--urls, ASPNETCORE_URLS), and that wins over PORT.
        if (SystemdService.HasSockets) host.UseUrls();
        else if (string.IsNullOrEmpty(host.GetSetting(WebHostDefaults.ServerUrlsKey)))
            host.UseUrls($"http://{(isDevelopment ? "localhost" : "*")}:{settings.Port}");

        // The slim host starts sooner, and leaves this out: --urls and ASPNETCORE_URLS may name https.
        host.UseKestrelHttpsConfiguration();
        host.ConfigureServices(services => services
            .AddSingleton<SocketTransportFactory>()
            .AddSingleton<DrainableListeners>()
            .Replace(ServiceDescriptor.Singleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<DrainableListeners>())));
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.CountConnections());
            kestrel.UseSystemd();
            kestrel.AddServerHeader = false;
            var limits = kestrel.Limits;
            limits.MaxConcurrentConnections = settings.MaxConnections;
            limits.MaxRequestHeadersTotalSize = 16 * 1024;
            limits.MaxRequestHeaderCount = 100;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            // Counts the chunks' framing too. What of it is the body, RequestBodies counts.
            limits.MaxRequestBodySize = RequestBodies.MaxBytesWithFraming;

            // What Kestrel itself reads ahead of a body, and writes ahead of a client, on each connection.
            limits.MaxRequestBufferSize = InFlightBytes.Small;
            limits.MaxResponseBufferSize = InFlightBytes.Small;
            limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
            limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });
    }

    private static void CountConnections(this ListenOptions endpoint)
    {
        var connections = endpoint.ApplicationServices.GetRequiredService<ConnectionTracker>();
        endpoint.Use(next => async connection =>
        {
            connections.Opened();
            try
            {
                await next(connection);
            }
            finally
            {
                connections.Closed();
            }
        });
    }

    /// <summary>Runs the service until it is asked to stop.</summary>
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
            // The sockets that were opened are closed by now, so that the others can be told from them.
            return await StartFailure.Report(exception, settings, environment);
        }
    }

    private static async Task<int> StartAndWait(this WebApplication app)
    {
        // The first question to the database takes longest: it is on its way while the rest starts.
        _ = app.Services.GetRequiredService<IDatabaseHealth>().Check();
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Asked to stop while it was starting.
            return Environment.ExitCode;
        }

        if (app.Environment.IsDevelopment()) _ = app.Services.GetRequiredService<DevelopmentBanner>().PrintWhenReady(app.Urls, app.Lifetime.ApplicationStopping);
        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    }
}
