using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>
/// The versions of a session that a change is meant for (RFC 9110, section 13.1.1: If-Match). None of them matches a condition
/// that could not be read: a client that asked for one gets no change without it.
/// </summary>
/// <param name="Versions">The acceptable versions; null for any.</param>
public sealed record ExpectedVersions(IReadOnlyList<long>? Versions)
{
    /// <summary>No condition.</summary>
    public static ExpectedVersions Any { get; } = new((IReadOnlyList<long>?)null);

    internal bool Include(Session session) => Versions is null || Versions.Contains(session.Version);
}
