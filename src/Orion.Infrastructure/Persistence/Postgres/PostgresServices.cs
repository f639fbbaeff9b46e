using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orion.Application.Concurrency;
using Orion.Application.Retention;
using Orion.Application.Search;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Migrations;
using Orion.Infrastructure.Replies;

namespace Orion.Infrastructure.Persistence.Postgres;

internal static class PostgresServices
{
    internal static void AddPostgres(this IServiceCollection services, DatabaseSettings settings)
    {
        services.AddSingleton(_ => new ClusterConnections(new NpgsqlConnectionStringBuilder(settings.ConnectionString), NamedConnections.Requests));
        services.AddSingleton(provider => provider.GetRequiredService<ClusterConnections>().Source);
        services.AddDbContextPool<PostgresDbContext>((provider, options) => options.UseOrionPostgres(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddScoped(provider => new Lazy<OrionDbContext>(provider.GetRequiredService<PostgresDbContext>));
        services.AddSingleton<ISessionPages, PostgresSessionPages>();
        services.AddSingleton<KeyedLock<(UserId, SessionId)>>();
        services.AddScoped<SessionWriteQueue>();
        services.AddScoped<PostgresSessionWrites>();
        services.AddScoped<ISessionWrites>(provider => provider.GetRequiredService<PostgresSessionWrites>());
        services.AddScoped<ISearchIndex, PostgresSearchIndex>();
        services.AddSingleton<IRetentionClock, PostgresRetentionClock>();
        services.AddSingleton<IFrameStore, PostgresFrameStore>();
        services.AddSingleton<IFrameSource, PostgresFrameSource>();
        services.AddSingleton<IDatabaseConnection, PostgresConnection>();
        services.AddSingleton<PostgresReplication>();
        services.AddSingleton<IDatabaseDiagnosis, PostgresDiagnosis>();
        services.AddSingleton<IMigrator, PostgresMigrator>();
        services.AddKeyedSingleton(typeof(StartupCheck), (_, _) => Unprepared(settings));
        services.AddSingleton(provider => new StartupCheck(
            typeof(PostgresDbContext),
            async cancellationToken =>
                await provider.GetRequiredKeyedService<NpgsqlDataSource>(typeof(StartupCheck)).OpenConnectionAsync(cancellationToken),
            canWriteOwners: "has_table_privilege('authorized_users', 'UPDATE')"));
        services.AddSingleton<IDatabaseBackup, PostgresBackup>();
    }

    internal static TBuilder UseOrionPostgres<TBuilder>(this TBuilder options, NpgsqlDataSource connections)
        where TBuilder : DbContextOptionsBuilder
    {
        options.UseNpgsql(connections).UseSnakeCaseNamingConvention().AddInterceptors(new CallerAccessInterceptor());
        return options;
    }

    // Without the pool and without prepared statements: if a table or a privilege is missing, Npgsql would reuse the prepared statement that
    // failed.
    private static NpgsqlDataSource Unprepared(DatabaseSettings settings) => NamedConnections.To(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, MaxAutoPrepare = 0 }.ConnectionString,
        NamedConnections.Migration);

    /// <summary>For <c>dotnet ef</c>, which creates migrations and does not connect.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgresDbContext>
    {
        public PostgresDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresDbContext>().UseOrionPostgres(NpgsqlDataSource.Create("Host=localhost")).Options);
    }
}
