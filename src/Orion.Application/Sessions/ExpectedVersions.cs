using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>
/// The versions of a session that a request may change (RFC 9110, section 13.1.1: If-Match). A malformed condition has no versions, so
/// it never matches.
/// </summary>
/// <param name="Versions">The versions; null for any version.</param>
public sealed record ExpectedVersions(IReadOnlyList<long>? Versions)
{
    /// <summary>No condition.</summary>
    public static ExpectedVersions Any { get; } = new((IReadOnlyList<long>?)null);

    internal bool Include(Session session) => Versions is null || Versions.Contains(session.Version);
}
