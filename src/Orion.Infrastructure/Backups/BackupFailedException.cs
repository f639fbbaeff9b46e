namespace Orion.Infrastructure.Backups;

/// <summary>A backup could not be made, or is not worth keeping. Nothing of it is left, and those from before are untouched.</summary>
/// <param name="message">Sentences for a person, without secrets and rows; the words of another program may be in them.</param>
/// <param name="cause">What went wrong below.</param>
public class BackupFailedException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The database has none of Orion's tables yet.</summary>
public sealed class NothingToBackUpException()
    : BackupFailedException("Orion's tables are not in this database: there is nothing to back up. See: orion doctor");
