namespace Orion.Infrastructure.Availability;

/// <summary>Asks the database about itself, for an operator.</summary>
public interface IDatabaseDiagnosis
{
    /// <summary>What it says, over a connection of its own.</summary>
    /// <exception cref="Exception">It does not answer; <see cref="DatabaseReadinessCheck.Explain"/> says why.</exception>
    Task<DatabaseCondition> Ask(CancellationToken cancellationToken);
}

/// <summary>What a database says of itself.</summary>
public sealed record DatabaseCondition
{
    /// <summary>The system and its version.</summary>
    public required string Version { get; init; }

    /// <summary>Whether its version is still one that Orion is tested with.</summary>
    public required bool IsVersionKept { get; init; }

    /// <summary>How long a question and its answer take: the median of a few.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>How far its clock is ahead of this machine's; null where it is this machine's.</summary>
    public TimeSpan? ClockAhead { get; init; }

    /// <summary>How the connection is protected; null where it never leaves the process.</summary>
    public ConnectionTls? Tls { get; init; }

    /// <summary>How many connections there are, and are wanted; null where there are none.</summary>
    public ConnectionNeeds? Connections { get; init; }

    /// <summary>What keeps the database from being written; null where nothing does.</summary>
    public DatabaseFailure? NotWritable { get; init; }

    /// <summary>Orion's tables that its role may not work on, for want of rights.</summary>
    public IReadOnlyList<string> TablesWithoutRights { get; init; } = [];

    /// <summary>Whether MIGRATION_DATABASE_URL leads to the same database; null where it is not set.</summary>
    public DatabaseComparison? Comparison { get; init; }

    /// <summary>Why MIGRATION_DATABASE_URL's database cannot be asked; null where it can, or is not set.</summary>
    public DatabaseFailure? MigrationFailure { get; init; }

    /// <summary>Whether Orion's role may do everything on the server.</summary>
    public bool IsSuperuser { get; init; }
}

/// <summary>The connections that Orion wants from a server, and those that the server gives.</summary>
/// <param name="Pool">The requests' pool of one instance.</param>
/// <param name="Check">What an instance holds beside it.</param>
/// <param name="Backup">What a backup holds while it runs.</param>
/// <param name="Limit">What the server gives to the service's role at the most.</param>
/// <param name="BackupLimit">What the server gives to the role that makes the backup: the same one, or that of MIGRATION_DATABASE_URL.</param>
/// <param name="All">What the server gives to all roles on this database together.</param>
/// <param name="BackupIsOther">Whether the backup is another role's.</param>
public sealed record ConnectionNeeds(int Pool, int Check, int Backup, int Limit, int BackupLimit, int All, bool BackupIsOther);

/// <summary>How a connection to a server is protected.</summary>
/// <param name="Protocol">The version of TLS; null for plain text.</param>
/// <param name="VerifiesServer">Whether the server's name and certificate are checked.</param>
/// <param name="IsLocal">Whether the connection stays on this machine.</param>
public sealed record ConnectionTls(string? Protocol, bool VerifiesServer, bool IsLocal);
