using Orion.Infrastructure.Persistence;

namespace Orion.Infrastructure.Backups;

/// <summary>Writes the database into a file, and verifies the file.</summary>
internal interface IDatabaseBackup
{
    /// <summary>The extension of its files, without the dot.</summary>
    string Extension { get; }

    /// <summary>
    /// Writes a consistent snapshot of the database without blocking other writers. Then restores it to verify it, or reads it if no server
    /// accepts writes.
    /// </summary>
    /// <param name="file">The full path of an existing, empty, private file.</param>
    /// <param name="source">The server to read from.</param>
    /// <param name="cancellationToken">Cancels the backup. Only the file remains.</param>
    /// <exception cref="BackupFailedException">It cannot be written or restored.</exception>
    Task<BackupProof> Write(string file, BackupSource source, CancellationToken cancellationToken);

    /// <summary>Why a backup is not possible, and what to do about it; null if it is possible. Changes nothing.</summary>
    Task<string?> FindObstacle(CancellationToken cancellationToken);
}

/// <summary>The number of rows of each table, counted twice.</summary>
/// <param name="Live">In the database, at the moment of the backup, without the rows that it leaves out.</param>
/// <param name="Restored">In the restored backup, or in its file if it was not restored.</param>
/// <param name="IsRestored">Whether the backup was restored.</param>
/// <param name="Standby">The address of the standby that it was read from; null if it was the primary.</param>
internal sealed record BackupProof(
    IReadOnlyDictionary<string, long> Live, IReadOnlyDictionary<string, long> Restored, bool IsRestored = true, string? Standby = null)
{
    /// <summary>The number of rows that a backup has. It leaves out the frames of replies, which are only needed to resume a stream.</summary>
    internal static Dictionary<string, long> WithoutExcluded(Dictionary<string, long> rows) =>
        rows.ToDictionary(table => table.Key, table => BackupResult.IsTable(table.Key, ReplyFrameBatch.Table) ? 0 : table.Value);
}
