using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Orion.Application.Telemetry;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Telemetry;

/// <summary>Measures the disks that Orion writes to, and the age of the newest backup.</summary>
internal sealed class StorageMetrics(OrionSettings settings, TimeProvider clock) : IMetricsSource
{
    private readonly List<(KeyValuePair<string, object?> Label, string Path)> _folders = [];

    public void Begin(Meter meter)
    {
        AddFolder("data", DataFolder());
        AddFolder("backup", settings.BackupFolder);
        if (settings.BackupFolder is { } folder)
        {
            meter.CreateObservableGauge(
                "orion.backup.newest.timestamp", () => NewestBackup(folder), "s", "Unix time at which the newest backup was finished; 0 if there is none.");
        }

        if (_folders.Count == 0) return;
        meter.CreateObservableGauge("orion.disk.free", () => Disks(disk => disk.AvailableFreeSpace), "By", "Free space that is available to Orion on the disk of a folder.");
        meter.CreateObservableGauge("orion.disk.size", () => Disks(disk => disk.TotalSize), "By", "Size of the disk of a folder.");
    }

    private void AddFolder(string label, string? path)
    {
        if (path is not null) _folders.Add((new("folder", label), path));
    }

    private string? DataFolder() =>
        settings.Database.Provider == DatabaseProvider.Sqlite
            ? Path.GetDirectoryName(new SqliteConnectionStringBuilder(settings.Database.ConnectionString).DataSource)
            : settings.DataFolder;

    private List<Measurement<long>> Disks(Func<DriveInfo, long> read)
    {
        var measurements = new List<Measurement<long>>();
        foreach (var (label, path) in _folders)
        {
            try
            {
                measurements.Add(new(read(new DriveInfo(path)), label));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // A missing folder has no disk to report.
            }
        }

        return measurements;
    }

    private long NewestBackup(string folder)
    {
        try
        {
            return BackupFolder.Newest(folder, clock.GetUtcNow())?.ToUnixTimeSeconds() ?? 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
