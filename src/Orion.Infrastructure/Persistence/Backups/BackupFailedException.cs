namespace Orion.Infrastructure.Persistence.Backups;

/// <summary>A backup could not be made, or is not worth keeping. Nothing of it is left, and those from before are untouched.</summary>
/// <param name="message">Sentences for a person, without secrets and rows; the words of another program may be in them.</param>
/// <param name="cause">What went wrong below.</param>
public sealed class BackupFailedException(string message, Exception? cause = null) : Exception(message, cause);
