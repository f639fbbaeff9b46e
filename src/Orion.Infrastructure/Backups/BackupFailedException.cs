namespace Orion.Infrastructure.Backups;

/// <summary>A backup could not be created or verified. No part of it remains, and earlier backups are unchanged.</summary>
/// <param name="message">The message for the operator, without secrets and data of rows. It may quote another program.</param>
/// <param name="cause">The underlying exception.</param>
public class BackupFailedException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The database has none of Orion's tables yet.</summary>
public sealed class NothingToBackUpException()
    : BackupFailedException("This database does not have Orion's tables, so there is nothing to back up. See: orion doctor");
