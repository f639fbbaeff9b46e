using Orion.Cli.Execution;
using Orion.Cli.Reporting;

namespace Orion.Cli.Doctor;

/// <summary>Checks whether a scheduled backup would fail, before it does.</summary>
internal static class BackupChecks
{
    private const string Subject = "backups";
    private const int MaxReasonLength = 500;

    internal static async Task<DoctorResult> Run(OrionHost host, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (host.Settings.BackupFolder is not { } folder) return new DoctorResult(Subject, Health.Pass, "BACKUP_DIR is not set: not checked");
        try
        {
            return await host.Backups.FindObstacle(cancellationToken).WaitAsync(timeout, cancellationToken) is { } obstacle
                ? new DoctorResult(Subject, Health.Warn, "orion backup cannot create backups", Printable.Of(obstacle, MaxReasonLength))
                : new DoctorResult(Subject, Health.Pass, $"orion backup can create backups in {folder}");
        }
        catch (TimeoutException)
        {
            return new DoctorResult(Subject, Health.Warn, "orion backup cannot create backups", "The database does not respond in time.");
        }
    }
}
