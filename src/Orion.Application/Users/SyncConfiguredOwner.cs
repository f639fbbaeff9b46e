using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Applies the settings to the allow-list: authorizes the configured owner, and revokes an earlier one.</summary>
/// <param name="Owner">The configured owner.</param>
public sealed record SyncConfiguredOwner(EmailAddress Owner) : ITransactionalRequest<Result>, ISystemRequest;

internal sealed class SyncConfiguredOwnerHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<SyncConfiguredOwner, Result>
{
    public async Task<Result> Handle(SyncConfiguredOwner command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcInstant();
        var exists = false;
        foreach (var user in await users.ListForUpdate(cancellationToken))
        {
            if (user.Email == command.Owner)
            {
                exists = true;
                user.AuthorizeAgain(AuthorizationSource.Configuration, now);
            }
            else if (user.Source == AuthorizationSource.Configuration)
            {
                user.Revoke(now);
            }
        }

        if (!exists) users.Add(AuthorizedUser.Authorize(command.Owner, AuthorizationSource.Configuration, now));
        return Result.Success;
    }
}
