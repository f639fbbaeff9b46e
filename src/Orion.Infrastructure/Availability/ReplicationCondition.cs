namespace Orion.Infrastructure.Availability;

/// <summary>The servers of a database, and the replication between them.</summary>
/// <param name="Servers">The configured servers, in the order of the setting.</param>
/// <param name="Primary">What the primary reports; null if none of the servers is one.</param>
public sealed record ReplicationCondition(IReadOnlyList<ServerCondition> Servers, PrimaryCondition? Primary);

/// <summary>A server of a database.</summary>
/// <param name="Address">The host and the port.</param>
public sealed record ServerCondition(string Address)
{
    /// <summary>Why it cannot be used; null if it can.</summary>
    public DatabaseFailure? Failure { get; init; }

    /// <summary>How far its clock is ahead of this machine's.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>How it follows the primary; null if it is a primary itself, or cannot be used.</summary>
    public StandbyCondition? Standby { get; init; }
}

/// <summary>How a standby follows its primary.</summary>
/// <param name="IsReceiving">Whether it is connected to its primary.</param>
/// <param name="IsPaused">Whether an administrator has paused the replay of changes.</param>
/// <param name="Bytes">The bytes of the primary's log that it has not replayed yet; null if the primary cannot be asked.</param>
/// <param name="Behind">
/// The age of the latest replayed commit; zero if everything is replayed; null if it is unknown, because nothing has been replayed since the
/// server was started.
/// </param>
public sealed record StandbyCondition(bool IsReceiving, bool IsPaused, long? Bytes, TimeSpan? Behind);

/// <summary>What a primary reports about its standbys.</summary>
/// <param name="SynchronousNames">The setting <c>synchronous_standby_names</c>; empty if commits wait for no standby.</param>
/// <param name="SynchronousCommit">The setting <c>synchronous_commit</c> of Orion's role.</param>
/// <param name="Connected">The number of connected standbys, including those that are not configured.</param>
/// <param name="Synchronous">The number of synchronous ones among them; null if the role may not see it.</param>
public sealed record PrimaryCondition(string SynchronousNames, string SynchronousCommit, int Connected, int? Synchronous);
