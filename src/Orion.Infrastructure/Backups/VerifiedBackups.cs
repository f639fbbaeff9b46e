namespace Orion.Infrastructure.Backups;

/// <summary>Creates backups and verifies them by a restore.</summary>
public sealed class VerifiedBackups
{
    private readonly IDatabaseBackup _database;
    private readonly TimeProvider _clock;

    internal VerifiedBackups(IDatabaseBackup database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
    }

    /// <summary>Creates a backup, and then deletes the oldest ones. If it fails, the folder is unchanged.</summary>
    /// <param name="folder">The full path of the folder.</param>
    /// <param name="keep">How many of the newest backups are kept, including this one.</param>
    /// <param name="source">The server to read from.</param>
    /// <param name="cancellationToken">Cancels the backup.</param>
    /// <exception cref="BackupFailedException">It could not be created or restored.</exception>
    public async Task<BackupResult> Create(string folder, int keep, BackupSource source, CancellationToken cancellationToken)
    {
        var start = _clock.GetTimestamp();
        using var backups = BackupFolder.Open(folder);
        var draft = await backups.Begin(_database.Extension, _clock, cancellationToken);
        try
        {
            var proof = await _database.Write(draft, source, cancellationToken);
            Verify(proof);
            var (file, bytes) = backups.Publish(draft);
            var (kept, deleted, ahead) = backups.Prune(file, keep);
            return new BackupResult(file, bytes, proof.Restored, _clock.GetElapsedTime(start), kept, deleted, ahead, proof.IsRestored, proof.Standby);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Explains why <see cref="Create"/> would fail, and what to do about it; null if it can succeed.</summary>
    public Task<string?> FindObstacle(CancellationToken cancellationToken) => _database.FindObstacle(cancellationToken);

    private static void Verify(BackupProof proof)
    {
        if (!proof.Live.Keys.Any(table => BackupResult.IsTable(table, "sessions")))
            throw new NothingToBackUpException();
        var differing = proof.Live.Keys.Union(proof.Restored.Keys)
            .Where(table => !proof.Live.TryGetValue(table, out var live) || !proof.Restored.TryGetValue(table, out var restored) || live != restored)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (differing.Count > 0)
            throw new BackupFailedException($"The restored backup differs from the database: {string.Join(", ", differing)}.");
    }
}

/// <summary>The server of a cluster that a backup is read from.</summary>
/// <param name="IsStandby">Whether it must be a standby. The only server of a database may be one in any case.</param>
/// <param name="MaxLag">How far a standby may be behind its primary; null for any lag.</param>
public sealed record BackupSource(bool IsStandby, TimeSpan? MaxLag)
{
    /// <summary>How far a standby may be behind by default.</summary>
    public static readonly TimeSpan DefaultMaxLag = TimeSpan.FromMinutes(1);

    /// <summary>The server that can be written.</summary>
    public static readonly BackupSource Primary = new(IsStandby: false, DefaultMaxLag);
}

/// <summary>A verified backup.</summary>
/// <param name="File">Its full path.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Rows">The number of rows of each table. Names of tables outside of the schema <c>public</c> begin with their schema.</param>
/// <param name="Duration">How long it took, including the verification.</param>
/// <param name="Kept">How many backups are in the folder now, without those dated after this one.</param>
/// <param name="Deleted">The names of the deleted older backups.</param>
/// <param name="Ahead">The names of the backups that a fast clock dated after this one. They were neither counted nor deleted.</param>
/// <param name="IsRestored">Whether it was restored to verify it. Otherwise, no server accepts writes, and the file was read.</param>
/// <param name="Standby">The address of the standby that it was read from; null if it was the primary.</param>
public sealed record BackupResult(
    string File, long Bytes, IReadOnlyDictionary<string, long> Rows, TimeSpan Duration, int Kept, IReadOnlyList<string> Deleted,
    IReadOnlyList<string> Ahead, bool IsRestored, string? Standby)
{
    /// <summary>The number of rows of one of Orion's tables.</summary>
    public long RowsOf(string table) => Rows.Where(rows => IsTable(rows.Key, table)).Sum(rows => rows.Value);

    /// <summary>The name of a table in <see cref="Rows"/>.</summary>
    internal static string NameOf(string schema, string name) => schema == "public" ? name : $"{schema}.{name}";

    internal static bool IsTable(string name, string table) => name == table || name.EndsWith('.' + table, StringComparison.Ordinal);
}
