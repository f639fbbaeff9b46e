namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// A lock between processes. The operating system releases it when the process ends, even after a crash. The file is not deleted, because a
/// lock on a deleted file would not exclude a process that creates the file again.
/// </summary>
internal static class LockFile
{
    /// <summary>Acquires the lock, and creates the file if it is missing.</summary>
    /// <returns>Releases the lock when it is disposed; null if another process holds it.</returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be created or opened.</exception>
    internal static FileStream? TryAcquire(string path)
    {
        try
        {
            return FileModes.OpenPrivate(path, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
