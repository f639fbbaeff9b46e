using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orion.Api.Cors;
using Orion.Api.Network;
using Orion.Api.RateLimiting;
using Orion.Api.Replies;
using Orion.Api.SecurityEvents;
using Orion.Application.Telemetry;
using Orion.Infrastructure.Configuration;

namespace Orion.Api;

/// <summary>Registers the services of the protecting middleware.</summary>
internal static class Protections
{
    /// <param name="services">The services.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="isDevelopment">Whether the addresses that the server listens on are allowed origins.</param>
    internal static IServiceCollection AddOrionProtections(this IServiceCollection services, OrionSettings settings, bool isDevelopment)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        if (settings.Redis is not null) services.AddSingleton<SharedRateLimiter>();
        return services
            .AddSingleton(settings.RateLimit)
            .AddSingleton(new TrustedProxies(settings.TrustedProxies))
            .AddSingleton(provider => new OriginPolicy(
                settings.AllowedOrigins,
                isDevelopment ? new ListeningOrigins(provider.GetRequiredService<IServer>()).List : null))
            .AddSingleton<FixedWindowRateLimiter>()
            .AddSingleton<RateLimitHeaders>()
            .AddSingleton<OpenStreams>()
            .AddSingleton<SecurityEventThrottle>()
            .AddSingleton<SecurityEventMetrics>()
            .AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<SecurityEventMetrics>())
            .AddSingleton<SecurityEventLog>();
    }
}
