using System.Globalization;
using System.Text.RegularExpressions;
using Orion.Application.Concurrency;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Backups;

/// <summary>
/// The folder of the backups. Only this account can access it, and one process at a time writes to it. A backup gets its name once it has
/// been verified. Until then it is a draft; the next run deletes the draft of a run that was killed.
/// </summary>
internal sealed partial class BackupFolder : IDisposable
{
    private const string DraftExtension = ".draft";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Files on a network disk are dated by the clock of its server.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly string _path;
    private readonly FileStream _lock;

    private BackupFolder(string path, FileStream heldLock)
    {
        _path = path;
        _lock = heldLock;
    }

    /// <summary>
    /// When the newest backup in a folder was finished; null if there is none. A backup dated in the future does not count: it would look
    /// new until then, even if later backups failed.
    /// </summary>
    /// <exception cref="IOException">The folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    internal static DateTimeOffset? Newest(string path, DateTimeOffset now)
    {
        DateTimeOffset? newest = null;
        foreach (var file in new DirectoryInfo(path).EnumerateFiles().Where(file => Backup().IsMatch(file.Name)))
        {
            var finished = new DateTimeOffset(file.LastWriteTimeUtc);
            if (finished <= now + ClockSkew && (newest is null || finished > newest)) newest = finished;
        }

        return newest;
    }

    /// <summary>Creates the folder if it is missing, and locks it until it is disposed.</summary>
    /// <exception cref="BackupFailedException">It is a link, is accessible to other accounts, or is locked by another process.</exception>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be created or written to.</exception>
    internal static BackupFolder Open(string path)
    {
        if (FolderRule.Check(path) is { } error) throw new BackupFailedException($"{path} {error.What}. {error.Fix}");
        FileModes.CreatePrivateFolder(path);
        var heldLock = LockFile.TryAcquire(Path.Combine(path, ".lock")) ?? throw new BackupFailedException($"Another backup into {path} is running.");

        var folder = new BackupFolder(path, heldLock);
        foreach (var name in folder.Names().Where(name => Draft().IsMatch(name))) File.Delete(Path.Combine(path, name));
        return folder;
    }

    /// <summary>
    /// Creates an empty draft that is named after the current second, or after a later one if the current second already has a backup.
    /// </summary>
    internal async Task<string> Begin(string extension, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            var moment = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            var name = $"orion-{moment}.{extension}";
            if (!File.Exists(Path.Combine(_path, name)))
            {
                var draft = Path.Combine(_path, $".{name}{DraftExtension}");
                await FileModes.CreatePrivate(draft).DisposeAsync();
                return draft;
            }

            await clock.Delay(Second, cancellationToken);
        }
    }

    /// <summary>Flushes a draft to the disk and renames it to its final name.</summary>
    /// <returns>Its full path and its size in bytes.</returns>
    internal (string File, long Bytes) Publish(string draft)
    {
        var file = Path.Combine(_path, Path.GetFileName(draft)[1..^DraftExtension.Length]);
        using var handle = File.OpenHandle(draft, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
        File.Move(draft, file);
        return (file, RandomAccess.GetLength(handle));
    }

    /// <summary>
    /// Deletes the oldest backups, and never other files. Backups dated after the new one are neither counted nor deleted: either their
    /// clock was ahead, or this one is behind.
    /// </summary>
    /// <param name="created">The new backup. It is always kept.</param>
    /// <param name="keep">How many of the newest backups are kept, including the new one.</param>
    /// <returns>How many are kept, the names of the deleted ones, and the names of those dated after the new one.</returns>
    internal (int Kept, IReadOnlyList<string> Deleted, IReadOnlyList<string> Ahead) Prune(string created, int keep)
    {
        // The names sort by time, whatever their extension.
        var names = Names().Where(name => Backup().IsMatch(name)).OrderDescending(StringComparer.Ordinal).ToList();
        var ahead = names.TakeWhile(name => name != Path.GetFileName(created)).ToList();
        var expired = names.Skip(ahead.Count + keep).ToList();
        foreach (var name in expired) File.Delete(Path.Combine(_path, name));
        return (names.Count - ahead.Count - expired.Count, expired, ahead);
    }

    public void Dispose() => _lock.Dispose();

    private IEnumerable<string> Names() => Directory.EnumerateFiles(_path).Select(file => Path.GetFileName(file));

    [GeneratedRegex(@"^orion-[0-9]{8}T[0-9]{6}Z\.(db|dump)\z")]
    private static partial Regex Backup();

    [GeneratedRegex(@"^\.orion-[0-9]{8}T[0-9]{6}Z\.(db|dump)\.draft\z")]
    private static partial Regex Draft();
}
