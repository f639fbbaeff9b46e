using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Revokes a user's authorization. The user's sessions remain.</summary>
/// <param name="Email">The user's address.</param>
/// <param name="Owner">The configured owner, who can only be changed in the settings.</param>
public sealed record RevokeAccess(EmailAddress Email, EmailAddress Owner) : ITransactionalRequest<Result<AccessRevoked>>, ISystemRequest;

/// <summary>The user is not authorized.</summary>
/// <param name="Changed">False if the user was not authorized before and nothing changed.</param>
public sealed record AccessRevoked(bool Changed);

internal sealed class RevokeAccessHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<RevokeAccess, Result<AccessRevoked>>
{
    public async Task<Result<AccessRevoked>> Handle(RevokeAccess command, CancellationToken cancellationToken)
    {
        if (command.Email == command.Owner) return UserErrors.IsOwner;

        var user = await users.FindForUpdate(command.Email, cancellationToken);
        if (user is null) return UserErrors.NeverKnown;
        // The running service has this owner in its settings, and its next start would authorize the user again.
        if (user is { IsAuthorized: true, Source: AuthorizationSource.Configuration }) return UserErrors.IsOwner;
        return new AccessRevoked(user.Revoke(clock.GetUtcInstant()));
    }
}
