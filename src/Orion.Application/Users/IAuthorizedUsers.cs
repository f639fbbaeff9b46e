using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>The allow-list. The operator manages it, so its methods have no caller.</summary>
public interface IAuthorizedUsers
{
    /// <summary>Returns the entry of an address, authorized or revoked, locked until the command ends; null if there never was one.</summary>
    Task<AuthorizedUser?> FindForUpdate(EmailAddress email, CancellationToken cancellationToken);

    /// <summary>Returns all entries, ordered by address. They must not be changed.</summary>
    Task<IReadOnlyList<AuthorizedUser>> List(CancellationToken cancellationToken);

    /// <summary>Returns all entries, ordered by address, and locks the list until the command ends, also against new entries.</summary>
    Task<IReadOnlyList<AuthorizedUser>> ListForUpdate(CancellationToken cancellationToken);

    /// <summary>Adds an entry, which the command saves.</summary>
    void Add(AuthorizedUser user);
}
