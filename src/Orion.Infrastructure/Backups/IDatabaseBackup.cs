namespace Orion.Infrastructure.Backups;

/// <summary>Writes the database into a file, and finds out what the file is worth.</summary>
internal interface IDatabaseBackup
{
    /// <summary>How its files end, without the dot.</summary>
    string Extension { get; }

    /// <summary>Writes the database as it is at one moment, while others go on writing; then reads it back as a restore would.</summary>
    /// <param name="file">The full path of a file that is there and empty, for this account alone.</param>
    /// <param name="cancellationToken">Ends it early; nothing of it stays but the file.</param>
    /// <exception cref="BackupFailedException">It cannot be written, or not be restored.</exception>
    Task<BackupProof> Write(string file, CancellationToken cancellationToken);

    /// <summary>Why a backup cannot be made, and what to do about it; null where nothing is in the way. It changes nothing.</summary>
    Task<string?> FindObstacle(CancellationToken cancellationToken);
}

/// <summary>The rows of each table, counted twice.</summary>
/// <param name="Live">In the database, at the moment of the backup.</param>
/// <param name="Restored">In what was restored from the backup.</param>
internal sealed record BackupProof(IReadOnlyDictionary<string, long> Live, IReadOnlyDictionary<string, long> Restored);
