namespace Orion.Infrastructure.Backups;

/// <summary>Makes backups that were tried before they count.</summary>
public sealed class VerifiedBackups
{
    private readonly IDatabaseBackup _database;
    private readonly TimeProvider _clock;

    internal VerifiedBackups(IDatabaseBackup database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
    }

    /// <summary>Makes one, and then deletes the oldest. Where it fails, the folder is as it was before.</summary>
    /// <param name="folder">The full path of the folder.</param>
    /// <param name="keep">How many of the newest stay, this one among them.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="BackupFailedException">It could not be made, or not be restored.</exception>
    public async Task<BackupMade> Make(string folder, int keep, CancellationToken cancellationToken)
    {
        var begun = _clock.GetTimestamp();
        using var backups = BackupFolder.Open(folder);
        var draft = await backups.Begin(_database.Extension, _clock, cancellationToken);
        try
        {
            var proof = await _database.Write(draft, cancellationToken);
            Judge(proof);
            var (file, bytes) = backups.Keep(draft);
            var (kept, deleted, ahead) = backups.Prune(file, keep);
            return new BackupMade(file, bytes, proof.Restored, _clock.GetElapsedTime(begun), kept, deleted, ahead);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Why <see cref="Make"/> would fail, and what to do about it; null where nothing is in the way.</summary>
    public Task<string?> FindObstacle(CancellationToken cancellationToken) => _database.FindObstacle(cancellationToken);

    private static void Judge(BackupProof proof)
    {
        if (!proof.Live.Keys.Any(table => BackupMade.IsTable(table, "sessions")))
            throw new NothingToBackUpException();
        var differing = proof.Live.Keys.Union(proof.Restored.Keys)
            .Where(table => !proof.Live.TryGetValue(table, out var live) || !proof.Restored.TryGetValue(table, out var restored) || live != restored)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (differing.Count > 0)
            throw new BackupFailedException($"What was restored from the backup is not what is in the database: {string.Join(", ", differing)}.");
    }
}

/// <summary>A backup that was made and restored.</summary>
/// <param name="File">Its full path.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Rows">The rows of each table in it, by the table's name; outside of the schema <c>public</c> with the schema's before it.</param>
/// <param name="Took">How long it took, the proof included.</param>
/// <param name="Kept">How many backups are in the folder now, without those that are dated ahead.</param>
/// <param name="Deleted">The names of the older ones that were deleted.</param>
/// <param name="Ahead">The names of those that are dated after this one, by a clock that ran ahead: they were left aside.</param>
public sealed record BackupMade(
    string File, long Bytes, IReadOnlyDictionary<string, long> Rows, TimeSpan Took, int Kept, IReadOnlyList<string> Deleted,
    IReadOnlyList<string> Ahead)
{
    /// <summary>The rows of one of Orion's tables.</summary>
    public long RowsOf(string table) => Rows.Where(rows => IsTable(rows.Key, table)).Sum(rows => rows.Value);

    internal static bool IsTable(string name, string table) => name == table || name.EndsWith('.' + table, StringComparison.Ordinal);
}
