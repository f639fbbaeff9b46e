using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.RateLimiting;
using Orion.Application.Replies;
using Orion.Application.Sessions;
using Orion.Application.Telemetry;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Infrastructure.Auditing;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Caching;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Models;
using Orion.Infrastructure.Persistence;
using Orion.Infrastructure.Persistence.Migrations;
using Orion.Infrastructure.Persistence.Postgres;
using Orion.Infrastructure.Persistence.Sqlite;
using Orion.Infrastructure.RateLimiting;
using Orion.Infrastructure.Replies;
using Orion.Infrastructure.Telemetry;
using Orion.Infrastructure.Tokens;

namespace Orion.Infrastructure;

/// <summary>Registers the implementations of the application's ports.</summary>
public static class InfrastructureServices
{
    /// <summary>Adds the implementations for the database of the settings, and the settings themselves.</summary>
    public static IServiceCollection AddOrionInfrastructure(this IServiceCollection services, OrionSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(settings.Database);
        services.AddSingleton(settings.Tokens);
        services.AddSingleton(settings.Replies);
        services.AddSingleton(settings.Retention);
        services.AddSingleton<RetentionMetrics>();

        if (settings.Database.Provider == DatabaseProvider.PostgreSql) services.AddPostgres(settings.Database);
        else services.AddSqlite(settings.Database);

        services.AddSingleton<DatabaseHealthMonitor>();
        services.AddSingleton<IDatabaseHealth>(provider => provider.GetRequiredService<DatabaseHealthMonitor>());
        services.AddSingleton<DatabaseFailures>();
        services.AddSingleton(provider => new DatabaseReadinessCheck(
            provider.GetRequiredService<IMigrator>(), provider.GetRequiredService<DatabaseHealthMonitor>(), provider.GetRequiredService<DatabaseFailures>()));
        services.AddSingleton(provider => new VerifiedBackups(provider.GetRequiredService<IDatabaseBackup>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AuthorizedUserCache>();
        services.AddSingleton<IAuthorizedUserCache>(provider => provider.GetRequiredService<AuthorizedUserCache>());
        services.AddSingleton<SessionTokenValidityCache>();
        services.AddSingleton<ISessionTokenValidity>(provider => provider.GetRequiredService<SessionTokenValidityCache>());
        services.AddSingleton<JwtVerifier>();
        services.AddSingleton<OrionTokenHandler>();
        services.AddSingleton<ITokenMinter, JwtTokenMinter>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ITokenAudit>(provider => provider.GetRequiredService<AuditLog>());
        services.AddSingleton<CommittedChanges>();
        services.AddSingleton<IModelClient>(provider => new ModelClient(settings.Model, provider.GetRequiredService<TimeProvider>()));
        services.AddReplies();
        if (settings.Redis is { } redis)
        {
            services.AddSingleton(provider => new RedisWindows(
                redis, settings.Tokens, settings.RateLimit, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RedisWindows>>()));
            services.AddSingleton<ISharedWindows>(provider => provider.GetRequiredService<RedisWindows>());
            services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<RedisWindows>());
        }

        services.AddMetricsSources();
        services.AddSingleton<SearchIndexer>();
        services.AddScoped<IUnitOfWork, UnitOfWork>();
        // Through the Lazy, because the unit of work saves a context only if the Lazy has created it.
        services.AddScoped(provider => provider.GetRequiredService<Lazy<OrionDbContext>>().Value);
        services.AddScoped<ISessions, SessionRepository>();
        services.AddScoped<IReplies, ReplyRepository>();
        services.AddScoped<IAuthorizedUsers, AuthorizedUserRepository>();
        services.AddScoped<IAccessCheck, AccessCheck>();
        services.AddScoped<IErasure, UserEraser>();
        services.AddScoped<IIdempotencyStore, IdempotencyStore>();
        return services;
    }

    /// <summary>
    /// Adds the migration at startup, after which requests are accepted, and the cleanups. Only a process that serves requests needs them.
    /// </summary>
    public static IServiceCollection AddOrionDatabaseStartup(this IServiceCollection services) =>
        services.AddHostedService<DatabaseStartup>().AddHostedService<IdempotencyCleanup>().AddHostedService<RetentionCleanup>()
            .AddHostedService<SearchBackfill>().AddReplyWorkers();

    // Created only if metrics are enabled.
    private static void AddMetricsSources(this IServiceCollection services)
    {
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<DatabaseHealthMonitor>());
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<AuthorizedUserCache>());
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<SessionTokenValidityCache>());
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<AuditLog>());
        services.AddSingleton<IMetricsSource, StorageMetrics>();
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<ReplyMetrics>());
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<RetentionMetrics>());
    }
}
