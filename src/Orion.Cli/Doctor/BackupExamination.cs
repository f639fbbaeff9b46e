using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Doctor;

/// <summary>Finds out beforehand what a nightly backup would stumble over, because few read the log of one that failed.</summary>
internal static class BackupExamination
{
    private const string Subject = "backups";
    private const int LongestReason = 500;

    internal static async Task<DoctorResult> Examine(OrionSettings settings, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (settings.BackupFolder is not { } folder) return new DoctorResult(Subject, Health.Pass, "BACKUP_DIR is not set: none are looked for");

        await using var host = OrionHost.Build(settings);
        try
        {
            return await host.Backups.FindObstacle(cancellationToken).WaitAsync(timeout, cancellationToken) is { } obstacle
                ? new DoctorResult(Subject, Health.Warn, "orion backup cannot make any", Printable.Of(obstacle, LongestReason))
                : new DoctorResult(Subject, Health.Pass, $"orion backup can make them, in {folder}");
        }
        catch (TimeoutException)
        {
            return new DoctorResult(Subject, Health.Warn, "orion backup cannot make any", "The database does not answer in time.");
        }
    }
}
