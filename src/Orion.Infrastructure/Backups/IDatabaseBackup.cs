namespace Orion.Infrastructure.Backups;

/// <summary>Writes the database into a file, and verifies the file.</summary>
internal interface IDatabaseBackup
{
    /// <summary>The extension of its files, without the dot.</summary>
    string Extension { get; }

    /// <summary>Writes a consistent snapshot of the database without blocking other writers. Then restores it to verify it.</summary>
    /// <param name="file">The full path of an existing, empty, private file.</param>
    /// <param name="cancellationToken">Cancels the backup. Only the file remains.</param>
    /// <exception cref="BackupFailedException">It cannot be written or restored.</exception>
    Task<BackupProof> Write(string file, CancellationToken cancellationToken);

    /// <summary>Why a backup is not possible, and what to do about it; null if it is possible. Changes nothing.</summary>
    Task<string?> FindObstacle(CancellationToken cancellationToken);
}

/// <summary>The number of rows of each table, counted twice.</summary>
/// <param name="Live">In the database, at the moment of the backup.</param>
/// <param name="Restored">In the restored backup.</param>
internal sealed record BackupProof(IReadOnlyDictionary<string, long> Live, IReadOnlyDictionary<string, long> Restored);
