using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// The allow-list, cached briefly for every request, so that most requests need no query. Changes by this instance take effect immediately,
/// those by other instances within 5 s. If a result cannot be refreshed by then, an exception is thrown; the old result is never returned.
/// </summary>
public interface IAuthorizedUserCache
{
    /// <summary>Returns the entry of an address, authorized or revoked; null if there never was one. It must not be changed.</summary>
    ValueTask<AuthorizedUser?> Find(EmailAddress email, CancellationToken cancellationToken);
}
