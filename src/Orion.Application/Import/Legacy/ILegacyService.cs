namespace Orion.Application.Import.Legacy;

/// <summary>
/// The database of the Node service that Orion replaces, as it is at one moment. It is only read. Both lists run by user, then by
/// session; a session's messages by time. Whoever has it disposes of it.
/// </summary>
public interface ILegacyService : IAsyncDisposable
{
    /// <summary>Where it is, without credentials.</summary>
    string Address { get; }

    /// <summary>Begins to read what there is of these users, and counts it.</summary>
    /// <param name="users">Addresses in lower case.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="LegacyServiceException">It cannot be read.</exception>
    Task<LegacyCounts> Begin(IReadOnlyList<string> users, CancellationToken cancellationToken);

    /// <summary>The next sessions of these users; none at the end.</summary>
    /// <exception cref="LegacyServiceException">It was lost.</exception>
    Task<IReadOnlyList<LegacySession>> NextSessions(CancellationToken cancellationToken);

    /// <summary>The next messages of these sessions; none at the end.</summary>
    /// <exception cref="LegacyServiceException">It was lost.</exception>
    Task<IReadOnlyList<LegacyMessage>> NextMessages(CancellationToken cancellationToken);
}

/// <summary>The old service's database cannot be read.</summary>
/// <param name="message">Why, in a sentence without credentials.</param>
/// <param name="cause">What the driver says.</param>
public sealed class LegacyServiceException(string message, Exception? cause = null) : Exception(message, cause);
