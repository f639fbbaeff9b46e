namespace Orion.Infrastructure.Availability;

/// <summary>Reads the condition of the database for an operator.</summary>
public interface IDatabaseDiagnosis
{
    /// <summary>Reads it over a separate connection.</summary>
    /// <exception cref="Exception">The database is unavailable. <see cref="DatabaseReadinessCheck.Explain"/> explains why.</exception>
    Task<DatabaseCondition> Read(CancellationToken cancellationToken);

    /// <summary>Reads the servers of DATABASE_URL and the replication between them; null for an embedded database.</summary>
    Task<ReplicationCondition?> ReadReplication(CancellationToken cancellationToken);
}

/// <summary>The condition of a database.</summary>
public sealed record DatabaseCondition
{
    /// <summary>The database system and its version.</summary>
    public required string Version { get; init; }

    /// <summary>Whether Orion still supports this version.</summary>
    public required bool IsVersionSupported { get; init; }

    /// <summary>The median latency of a query.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>How far the server's clock is ahead of this machine's; null if they are the same clock.</summary>
    public TimeSpan? ClockAhead { get; init; }

    /// <summary>How the connection is protected; null if it never leaves the process.</summary>
    public ConnectionTls? Tls { get; init; }

    /// <summary>The connections that Orion needs and the server allows; null for a database without connections.</summary>
    public ConnectionNeeds? Connections { get; init; }

    /// <summary>Why the database cannot be written; null if it can.</summary>
    public DatabaseFailure? NotWritable { get; init; }

    /// <summary>The number of sessions that are not in the search index yet; null if the database is not migrated, or the role may not read it.</summary>
    public long? SessionsNotIndexed { get; init; }

    /// <summary>Orion's tables that its role lacks privileges on.</summary>
    public IReadOnlyList<string> TablesWithoutRights { get; init; } = [];

    /// <summary>Whether MIGRATION_DATABASE_URL refers to the same database; null if it is not set.</summary>
    public DatabaseComparison? Comparison { get; init; }

    /// <summary>Why the database of MIGRATION_DATABASE_URL is unavailable; null if it is available, or if the setting is not set.</summary>
    public DatabaseFailure? MigrationFailure { get; init; }

    /// <summary>Whether Orion's role is a superuser.</summary>
    public bool IsSuperuser { get; init; }
}

/// <summary>The connections that Orion needs, and those that the server allows.</summary>
/// <param name="Pool">The size of one instance's pool for requests.</param>
/// <param name="Check">The connections of an instance for the health check.</param>
/// <param name="Replies">The connections of an instance for replies.</param>
/// <param name="Backup">The connections that a running backup needs.</param>
/// <param name="Limit">The limit of the service's role.</param>
/// <param name="BackupLimit">The limit of the role that makes backups, which is that of MIGRATION_DATABASE_URL if it is set.</param>
/// <param name="All">The limit of all roles on this database together.</param>
/// <param name="BackupUsesOtherRole">Whether the backup uses another role than the service.</param>
public sealed record ConnectionNeeds(int Pool, int Check, int Replies, int Backup, int Limit, int BackupLimit, int All, bool BackupUsesOtherRole);

/// <summary>How a connection to a server is protected.</summary>
/// <param name="Protocol">The version of TLS; null for plain text.</param>
/// <param name="VerifiesServer">Whether the server's name and certificate are verified.</param>
/// <param name="IsLocal">Whether the connection stays on this machine.</param>
public sealed record ConnectionTls(string? Protocol, bool VerifiesServer, bool IsLocal);
