using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>The allow-list. It belongs to the operator, not to a caller.</summary>
public interface IAuthorizedUsers
{
    /// <summary>
    /// The entry of an address, on the list or taken off it, locked until the command is over; null where there never was one.
    /// </summary>
    Task<AuthorizedUser?> FindForUpdate(EmailAddress email, CancellationToken cancellationToken);

    /// <summary>All entries, by address, as they are now. Not to be changed.</summary>
    Task<IReadOnlyList<AuthorizedUser>> List(CancellationToken cancellationToken);

    /// <summary>All entries, by address, locked until the command is over: nobody adds one meanwhile.</summary>
    Task<IReadOnlyList<AuthorizedUser>> ListForUpdate(CancellationToken cancellationToken);

    /// <summary>Adds an entry to what the command saves.</summary>
    void Add(AuthorizedUser user);
}
