using System.Globalization;
using System.Text.RegularExpressions;
using Orion.Infrastructure.FileSystem;

namespace Orion.Infrastructure.Backups;

/// <summary>
/// The folder of the backups, for this account alone and for one process at a time. A backup has its name only once it is proven:
/// until then it is a draft, which the next run takes away where this one was killed.
/// </summary>
internal sealed partial class BackupFolder : IDisposable
{
    private const string DraftEnd = ".draft";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The clock of a network disk's server is another one.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly string _path;
    private readonly FileStream _lock;

    private BackupFolder(string path, FileStream held)
    {
        _path = path;
        _lock = held;
    }

    /// <summary>
    /// When the newest backup in a folder was finished; null where there is none. One that is dated ahead of the clock does not count: it
    /// would look new for as long, whatever became of the backups after it.
    /// </summary>
    /// <exception cref="IOException">The folder is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
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

    /// <summary>Makes the folder where it is missing, and holds it until it is disposed of.</summary>
    /// <exception cref="BackupFailedException">It is a link, open to others, or held by another process.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made or written to.</exception>
    internal static BackupFolder Open(string path)
    {
        if (DataFolder.Check(path) is { } flaw) throw new BackupFailedException($"{path} {flaw.What}. {flaw.Fix}");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, FileModes.PrivateFolder);

        var folder = new BackupFolder(path, Lock(Path.Combine(path, ".lock")));
        foreach (var name in folder.Names().Where(name => Draft().IsMatch(name))) File.Delete(Path.Combine(path, name));
        return folder;
    }

    /// <summary>Creates an empty draft that is named by the moment; by a later one where that second has its backup.</summary>
    internal async Task<string> Begin(string extension, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            var moment = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            var name = $"orion-{moment}.{extension}";
            if (!File.Exists(Path.Combine(_path, name)))
            {
                var draft = Path.Combine(_path, $".{name}{DraftEnd}");
                await DataFolder.CreateFile(draft).DisposeAsync();
                return draft;
            }

            await Task.Delay(Second, clock, cancellationToken);
        }
    }

    /// <summary>Gives a draft its name, once all of it is on the disk.</summary>
    /// <returns>Its full path and its size in bytes.</returns>
    internal (string File, long Bytes) Keep(string draft)
    {
        var file = Path.Combine(_path, Path.GetFileName(draft)[1..^DraftEnd.Length]);
        using var handle = File.OpenHandle(draft, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
        File.Move(draft, file);
        return (file, RandomAccess.GetLength(handle));
    }

    /// <summary>
    /// Deletes the oldest backups; other files are never touched. Backups that are dated after the one just made come from a clock that
    /// ran ahead, or this one is slow: they are neither counted nor deleted.
    /// </summary>
    /// <param name="made">The backup just made, which always stays.</param>
    /// <param name="keep">How many of the newest stay, this one among them.</param>
    /// <returns>How many stay, the names of the deleted ones, and the names of those that are dated ahead.</returns>
    internal (int Kept, IReadOnlyList<string> Deleted, IReadOnlyList<string> Ahead) Prune(string made, int keep)
    {
        // The moments sort as texts, whatever the ending.
        var names = Names().Where(name => Backup().IsMatch(name)).OrderDescending(StringComparer.Ordinal).ToList();
        var ahead = names.TakeWhile(name => name != Path.GetFileName(made)).ToList();
        var old = names.Skip(ahead.Count + keep).ToList();
        foreach (var name in old) File.Delete(Path.Combine(_path, name));
        return (names.Count - ahead.Count - old.Count, old, ahead);
    }

    // The lock's file stays: one that is deleted while another process waits for it would be two.
    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return DataFolder.OpenLock(path);
        }
        catch (IOException held) when (File.Exists(path))
        {
            throw new BackupFailedException($"Another backup into {Path.GetDirectoryName(path)} is under way.", held);
        }
    }

    private IEnumerable<string> Names() => Directory.EnumerateFiles(_path).Select(file => Path.GetFileName(file));

    [GeneratedRegex(@"^orion-[0-9]{8}T[0-9]{6}Z\.(db|dump)\z")]
    private static partial Regex Backup();

    [GeneratedRegex(@"^\.orion-[0-9]{8}T[0-9]{6}Z\.(db|dump)\.draft\z")]
    private static partial Regex Draft();
}
