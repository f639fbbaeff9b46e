using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// The allow-list, cached briefly for every request, so that most requests cost no query. Changes by this instance take effect at once,
/// those by other instances within 5 s. A result that cannot be renewed after that is an exception, never the old result.
/// </summary>
public interface IAuthorizedUserCache
{
    /// <summary>Returns the entry of an address, authorized or revoked; null if there never was one. It must not be changed.</summary>
    ValueTask<AuthorizedUser?> Find(EmailAddress email, CancellationToken cancellationToken);
}
