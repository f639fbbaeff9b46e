namespace Orion.Infrastructure.Persistence.Availability;

/// <summary>Asks the database about itself, for an operator.</summary>
public interface IDatabaseDiagnosis
{
    /// <summary>What it says, over a connection of its own.</summary>
    /// <exception cref="Exception">It does not answer; <see cref="DatabaseOpening.ReasonOf"/> says why in a word.</exception>
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

    /// <summary>How many connections one instance of Orion may hold; null where there are none.</summary>
    public int? PoolSize { get; init; }

    /// <summary>How many connections the server gives to this role at the most; null where there are none.</summary>
    public int? ConnectionLimit { get; init; }

    /// <summary>Whether Orion's role may do everything on the server.</summary>
    public bool IsSuperuser { get; init; }
}

/// <summary>How a connection to a server is protected.</summary>
/// <param name="Protocol">The version of TLS; null for plain text.</param>
/// <param name="VerifiesServer">Whether the server's name and certificate are checked.</param>
/// <param name="IsLocal">Whether the connection stays on this machine.</param>
public sealed record ConnectionTls(string? Protocol, bool VerifiesServer, bool IsLocal);
