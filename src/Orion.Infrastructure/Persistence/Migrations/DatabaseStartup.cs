using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Concurrency;
using Orion.Application.Users;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>
/// Migrates the database to this version, and then accepts requests. If the database cannot be reached or written, Orion retries. A failed
/// migration ends the process.
/// </summary>
internal sealed partial class DatabaseStartup(
    IMigrator migrator,
    StartupCheck check,
    DatabaseHealthMonitor monitor,
    DatabaseFailures failures,
    OrionSettings settings,
    IServiceScopeFactory scopes,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<DatabaseStartup> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? reported = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await BecomeReady(stoppingToken)) return;
                if (reported is null) LogWaitingForMigration();
                reported = "";
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (DatabaseMismatchException mismatch)
            {
                LogMismatch(mismatch.Message);
                Stop(StartupProblems.ExitCode);
                return;
            }
            catch (Exception exception) when (TransientErrors.Is(exception))
            {
                var reason = failures.Explain(exception).ToString();
                if (reason != reported) LogNotUsable(settings.Database.Address, reason);
                reported = reason;
            }
            catch (Exception exception)
            {
                LogMigrationFailed(failures.Explain(exception).ToString(), exception);
                Stop(exitCode: 1);
                return;
            }

            await clock.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Stop(int exitCode)
    {
        Environment.ExitCode = exitCode;
        lifetime.StopApplication();
    }

    private async Task<bool> BecomeReady(CancellationToken cancellationToken)
    {
        if (!await WhileAvailable(Prepare, cancellationToken)) return false;

        // A standby passes all of these steps.
        if (!await monitor.Check() && monitor.Failure is { } failure) throw failure;
        monitor.BecomeReady();
        LogReady(settings.Database.Provider);
        return true;
    }

    private async Task<bool> Prepare(CancellationToken cancellationToken)
    {
        // A separate migration role also grants privileges at each start.
        if (settings.Database.MigrationConnectionString is null && await check.HasNothingToChange(settings.Owner, cancellationToken)) return true;

        await ThrowIfMismatch(cancellationToken);
        if (settings.Database.MigrateOnStart) await Migrate(cancellationToken);
        else if ((await migrator.Pending(cancellationToken)).Count > 0) return false;

        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SyncConfiguredOwner(settings.Owner), cancellationToken);
        return true;
    }

    private async Task Migrate(CancellationToken cancellationToken)
    {
        try
        {
            await migrator.Migrate(LogMigrationBlocked, cancellationToken);
        }
        catch (Exception exception) when (settings.Database.MigrationConnectionString is not null && TransientErrors.Is(exception))
        {
            // A database without pending migrations does not need the migration role. The service's own role can read which are pending.
            if ((await migrator.Pending(cancellationToken)).Count > 0) throw;
            LogMigrationRoleNotUsable(failures.Explain(exception).ToString());
        }
    }

    private async Task ThrowIfMismatch(CancellationToken cancellationToken)
    {
        try
        {
            if (await migrator.Compare(cancellationToken) is { Match: DatabaseMatch.Different } different) throw new DatabaseMismatchException(different);
        }
        catch (Exception exception) when (TransientErrors.Is(exception))
        {
            // One of them is unavailable. The next steps determine whether it is needed.
        }
    }

    /// <summary>
    /// Abandons work as soon as the database becomes unavailable. A migration has no timeout, and the driver may wait forever for a server
    /// that has vanished.
    /// </summary>
    private async Task<bool> WhileAvailable(Func<CancellationToken, Task<bool>> work, CancellationToken cancellationToken)
    {
        var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = Task.Run(() => work(abandoned.Token), CancellationToken.None);
        _ = working.ContinueWith(
            static (ended, source) =>
            {
                // Observed, because an abandoned failure would otherwise be reported as unobserved.
                _ = ended.Exception;
                ((CancellationTokenSource)source!).Dispose();
            },
            abandoned,
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        while (true)
        {
            try
            {
                return await working.WaitAsync(CheckInterval, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                if (working.IsCompleted) return await working;
                if (await monitor.Check() || working.IsCompleted) continue;
                // Not awaited: the driver's cancellation may itself wait for the database.
                _ = Task.Run(abandoned.Cancel, CancellationToken.None);
                throw new TimeoutException("The database stopped responding.");
            }
        }
    }

    [LoggerMessage(2003, LogLevel.Warning, "The database at {Address} cannot be used yet. {Reason} Orion retries until it can be used.")]
    private partial void LogNotUsable(string address, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The database is not migrated to this version, or its role may not read it yet, and MIGRATE_ON_START is false. Orion waits until it is migrated.")]
    private partial void LogWaitingForMigration();

    [LoggerMessage(2005, LogLevel.Critical, "The database could not be migrated. {Reason} Orion served no requests and stops.")]
    private partial void LogMigrationFailed(string reason, Exception exception);

    [LoggerMessage(2006, LogLevel.Information, "The database ({Provider}) is ready.")]
    private partial void LogReady(DatabaseProvider provider);

    [LoggerMessage(2009, LogLevel.Warning, "{Reason}")]
    private partial void LogMigrationBlocked(string reason);

    [LoggerMessage(2011, LogLevel.Warning, "MIGRATION_DATABASE_URL cannot be used. {Reason} No migration is pending, so Orion starts without it.")]
    private partial void LogMigrationRoleNotUsable(string reason);

    [LoggerMessage(2010, LogLevel.Critical, "{Problem} Orion served no requests and stops.")]
    private partial void LogMismatch(string problem);
}
