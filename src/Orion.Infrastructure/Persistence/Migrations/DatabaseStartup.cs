using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Users;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>
/// Brings the database to where this version wants it, then lets requests through. A database that cannot be reached or written is
/// tried again; a migration that fails ends the process.
/// </summary>
internal sealed partial class DatabaseStartup(
    IMigrator migrator,
    DatabaseHealthMonitor watch,
    DatabaseFailures failures,
    OrionSettings settings,
    IServiceScopeFactory scopes,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<DatabaseStartup> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? said = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await BecomeReady(stoppingToken)) return;
                if (said is null) LogWaitingForMigration();
                said = "";
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (DatabaseMismatchException mismatch)
            {
                LogMismatch(mismatch.Message);
                End(StartupRefusal.ExitCode);
                return;
            }
            catch (Exception exception) when (TransientErrors.Is(exception))
            {
                var reason = failures.Explain(exception).ToString();
                if (reason != said) LogNotUsable(settings.Database.Address, reason);
                said = reason;
            }
            catch (Exception exception)
            {
                LogMigrationFailed(failures.Explain(exception).ToString(), exception);
                End(exitCode: 1);
                return;
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void End(int exitCode)
    {
        Environment.ExitCode = exitCode;
        lifetime.StopApplication();
    }

    private async Task<bool> BecomeReady(CancellationToken cancellationToken)
    {
        if (!await WhileTheDatabaseAnswers(Prepare, cancellationToken)) return false;

        // A standby that is migrated answers all of the above.
        if (!await watch.Check() && watch.Failure is { } failure) throw failure;
        watch.BecomeReady();
        LogReady(settings.Database.Provider);
        return true;
    }

    private async Task<bool> Prepare(CancellationToken cancellationToken)
    {
        await RefuseOtherDatabase(cancellationToken);
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
            await migrator.Migrate(LogMigrationWaits, cancellationToken);
        }
        catch (Exception exception) when (settings.Database.MigrationConnectionString is not null && TransientErrors.Is(exception))
        {
            // A role that cannot log in does not matter to a database that is migrated. The service's own role says whether it is.
            if ((await migrator.Pending(cancellationToken)).Count > 0) throw;
            LogMigrationRoleNotUsable(failures.Explain(exception).ToString());
        }
    }

    private async Task RefuseOtherDatabase(CancellationToken cancellationToken)
    {
        try
        {
            if (await migrator.Compare(cancellationToken) is { Match: DatabaseMatch.Different } different) throw new DatabaseMismatchException(different);
        }
        catch (Exception exception) when (TransientErrors.Is(exception))
        {
            // One of them is away. Whether that one is needed now, what comes next finds out.
        }
    }

    /// <summary>
    /// Gives work up as soon as the database no longer answers: a migration has no time limit of its own, and nothing in the driver gives
    /// way while it waits for a server that has vanished.
    /// </summary>
    private async Task<bool> WhileTheDatabaseAnswers(Func<CancellationToken, Task<bool>> work, CancellationToken cancellationToken)
    {
        var givenUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = Task.Run(() => work(givenUp.Token), CancellationToken.None);
        _ = working.ContinueWith(
            static (ended, source) =>
            {
                // Its failure is of no interest any more where it was given up.
                _ = ended.Exception;
                ((CancellationTokenSource)source!).Dispose();
            },
            givenUp,
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        while (true)
        {
            try
            {
                return await working.WaitAsync(LookEvery, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                if (working.IsCompleted) return await working;
                if (await watch.Check() || working.IsCompleted) continue;
                // Not waited for: the driver's cancellation may itself wait for the database.
                _ = Task.Run(givenUp.Cancel, CancellationToken.None);
                throw new TimeoutException("The database stopped answering.");
            }
        }
    }

    [LoggerMessage(2003, LogLevel.Warning, "The database at {Address} cannot be used yet. {Reason} Orion goes on trying.")]
    private partial void LogNotUsable(string address, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The database is not migrated to this version (or its role may not read it yet), and MIGRATE_ON_START is false. Orion waits for whoever migrates it.")]
    private partial void LogWaitingForMigration();

    [LoggerMessage(2005, LogLevel.Critical, "The database could not be migrated. {Reason} Nothing was served; Orion ends.")]
    private partial void LogMigrationFailed(string reason, Exception exception);

    [LoggerMessage(2006, LogLevel.Information, "The database ({Provider}) is ready.")]
    private partial void LogReady(DatabaseProvider provider);

    [LoggerMessage(2009, LogLevel.Warning, "{Reason}")]
    private partial void LogMigrationWaits(string reason);

    [LoggerMessage(2011, LogLevel.Warning, "MIGRATION_DATABASE_URL cannot be used. {Reason} No migration is pending, so that Orion starts without it.")]
    private partial void LogMigrationRoleNotUsable(string reason);

    [LoggerMessage(2010, LogLevel.Critical, "{Problem} Nothing was served; Orion ends.")]
    private partial void LogMismatch(string problem);
}
