namespace Orion.Application.Import.Legacy;

/// <summary>
/// The database of the Node service that Orion replaces, read-only and as of one moment. Sessions and messages are both sorted by user,
/// then by session; the messages of a session by time. The caller disposes of it.
/// </summary>
public interface ILegacyDatabase : IAsyncDisposable
{
    /// <summary>The address without credentials.</summary>
    string Address { get; }

    /// <summary>Starts reading the sessions of these users, and counts them.</summary>
    /// <param name="users">E-mail addresses in lower case.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="LegacyDatabaseException">The database cannot be read.</exception>
    Task<LegacyCounts> Begin(IReadOnlyList<string> users, CancellationToken cancellationToken);

    /// <summary>Reads the next sessions; none at the end.</summary>
    /// <exception cref="LegacyDatabaseException">The connection was lost.</exception>
    Task<IReadOnlyList<LegacySession>> NextSessions(CancellationToken cancellationToken);

    /// <summary>Reads the next messages; none at the end.</summary>
    /// <exception cref="LegacyDatabaseException">The connection was lost.</exception>
    Task<IReadOnlyList<LegacyMessage>> NextMessages(CancellationToken cancellationToken);
}

/// <summary>The legacy database cannot be read.</summary>
/// <param name="message">The reason, without credentials.</param>
/// <param name="cause">The driver's exception.</param>
public sealed class LegacyDatabaseException(string message, Exception? cause = null) : Exception(message, cause);
