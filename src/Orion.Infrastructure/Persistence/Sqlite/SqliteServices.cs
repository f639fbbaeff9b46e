using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Retention;
using Orion.Application.Search;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Migrations;
using Orion.Infrastructure.Replies;

namespace Orion.Infrastructure.Persistence.Sqlite;

internal static class SqliteServices
{
    internal static void AddSqlite(this IServiceCollection services, DatabaseSettings settings)
    {
        services.AddSingleton<SqliteWriteLock>();
        services.AddScoped<ISessionPages, SqliteSessionPages>();
        services.AddDbContextPool<SqliteDbContext>(options => options.UseOrionSqlite(settings.ConnectionString));
        services.AddScoped(provider => new Lazy<OrionDbContext>(provider.GetRequiredService<SqliteDbContext>));
        services.AddScoped<SqliteSessionWrites>();
        services.AddScoped<ISessionWrites>(provider => provider.GetRequiredService<SqliteSessionWrites>());
        services.AddScoped<ISearchIndex, SqliteSearchIndex>();
        services.AddSingleton<IRetentionClock, SqliteRetentionClock>();
        services.AddSingleton<IFrameStore, SqliteFrameStore>();
        services.AddSingleton<IFrameSource, SqliteFrameSource>();
        services.AddSingleton<IDatabaseConnection, SqliteDatabaseConnection>();
        services.AddSingleton<IDatabaseDiagnosis, SqliteDiagnosis>();
        services.AddSingleton<IMigrator, SqliteMigrator>();
        services.AddSingleton(_ => new StartupCheck(typeof(SqliteDbContext), cancellationToken => OpenToCheck(settings, cancellationToken)));
        services.AddSingleton<IDatabaseBackup, SqliteBackup>();
    }

    internal static TBuilder UseOrionSqlite<TBuilder>(this TBuilder options, string connectionString)
        where TBuilder : DbContextOptionsBuilder
    {
        options.UseSqlite(connectionString).UseSnakeCaseNamingConvention().AddInterceptors(new SqlitePragmas());
        return options;
    }

    /// <summary>The connection string of a connection outside of the pool.</summary>
    internal static string Unpooled(this DatabaseSettings settings) =>
        new SqliteConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString;

    private static async Task<DbConnection> OpenToCheck(DatabaseSettings settings, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(settings.Unpooled());
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            // A restored backup is not in this mode.
            command.CommandText = SqliteMigrator.WalMode;
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>For <c>dotnet ef</c>, which creates migrations and does not connect.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteDbContext>
    {
        public SqliteDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteDbContext>().UseOrionSqlite("Data Source=:memory:").Options);
    }
}
