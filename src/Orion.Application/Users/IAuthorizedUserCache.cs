using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// The allow-list as every request asks it: remembered for a moment, so that it costs no query. What this instance changes
/// counts at once, what another one changes within 5 s; an answer that cannot be renewed after that is an exception, never
/// the old answer.
/// </summary>
public interface IAuthorizedUserCache
{
    /// <summary>The entry of an address, on the list or taken off it; null where there never was one. Not to be changed.</summary>
    ValueTask<AuthorizedUser?> Find(EmailAddress email, CancellationToken cancellationToken);
}
