using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Users;
using Orion.Infrastructure.Persistence.Availability;
using Orion.Infrastructure.Settings;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>
/// Brings the database to where this version wants it, then lets requests through. A database that cannot be reached is tried
/// again; a migration that fails ends the process.
/// </summary>
internal sealed partial class DatabaseStartup(
    IMigrator migrator,
    DatabaseWatch watch,
    OrionSettings settings,
    IServiceScopeFactory scopes,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<DatabaseStartup> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var waited = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await BecomeReady(stoppingToken)) return;
                if (!waited) LogWaitingForMigration();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (DatabaseLoss.Is(exception))
            {
                if (!waited) LogNotReachable(settings.Database.Address, exception.GetBaseException().Message);
            }
            catch (Exception exception)
            {
                LogMigrationFailed(exception);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }

            waited = true;
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> BecomeReady(CancellationToken cancellationToken)
    {
        if (settings.Database.MigrateOnStart) await migrator.Migrate(cancellationToken);
        else if ((await migrator.Pending(cancellationToken)).Count > 0) return false;

        await using (var scope = scopes.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new KeepOwner(settings.Owner), cancellationToken);
        }

        watch.BecomeReady();
        LogReady(settings.Database.Provider);
        return true;
    }

    [LoggerMessage(2003, LogLevel.Warning, "The database at {Address} cannot be reached yet ({Reason}). Orion goes on trying.")]
    private partial void LogNotReachable(string address, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The database is not migrated to this version (or its role may not read it yet), and MIGRATE_ON_START is false. Orion waits for whoever migrates it.")]
    private partial void LogWaitingForMigration();

    [LoggerMessage(2005, LogLevel.Critical, "The database could not be migrated. Nothing was served; Orion ends.")]
    private partial void LogMigrationFailed(Exception exception);

    [LoggerMessage(2006, LogLevel.Information, "The database ({Provider}) is ready.")]
    private partial void LogReady(DatabaseProvider provider);
}
