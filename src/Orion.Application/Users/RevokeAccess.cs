using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Takes someone off the allow-list; their sessions stay.</summary>
/// <param name="Email">Whom.</param>
/// <param name="Owner">The configured owner, who cannot be taken off but in the settings.</param>
public sealed record RevokeAccess(EmailAddress Email, EmailAddress Owner) : ITransactionalRequest<Result<AccessRevoked>>, ISystemRequest;

/// <summary>Someone is off the allow-list.</summary>
/// <param name="Changed">False where they were off it already: nothing was changed.</param>
public sealed record AccessRevoked(bool Changed);

internal sealed class RevokeAccessHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<RevokeAccess, Result<AccessRevoked>>
{
    public async Task<Result<AccessRevoked>> Handle(RevokeAccess command, CancellationToken cancellationToken)
    {
        if (command.Email == command.Owner) return UserErrors.IsOwner;

        var user = await users.FindForUpdate(command.Email, cancellationToken);
        if (user is null) return UserErrors.Unknown;
        // By the settings that the service runs with: its next start would only put them back.
        if (user is { IsAuthorized: true, Source: AuthorizationSource.Configuration }) return UserErrors.IsOwner;
        return new AccessRevoked(user.Revoke(clock.GetUtcInstant()));
    }
}
