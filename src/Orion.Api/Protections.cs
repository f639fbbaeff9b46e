using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orion.Api.Cors;
using Orion.Api.Network;
using Orion.Api.RateLimiting;
using Orion.Api.SecurityEvents;
using Orion.Api.Telemetry;
using Orion.Application.Telemetry;
using Orion.Infrastructure.Configuration;

namespace Orion.Api;

/// <summary>What the protecting middleware needs.</summary>
internal static class Protections
{
    /// <param name="development">Whether the addresses listened on are origins of their own.</param>
    internal static IServiceCollection AddOrionProtections(this IServiceCollection services, OrionSettings settings, bool development)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        return services
            .AddSingleton(settings.RateLimit)
            .AddSingleton(new TrustedProxies(settings.TrustedProxies))
            .AddSingleton(provider => new OriginPolicy(
                settings.AllowedOrigins,
                development ? new ListeningOrigins(provider.GetRequiredService<IServer>()).List : null))
            .AddSingleton<FixedWindowRateLimiter>()
            .AddSingleton<RateLimitHeaders>()
            .AddSingleton<SecurityEventThrottle>()
            .AddSingleton<OrionMetrics>()
            .AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<OrionMetrics>())
            .AddSingleton<SecurityEventLog>();
    }
}
