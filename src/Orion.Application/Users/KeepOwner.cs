using MediatR;
using Orion.Application.Requests;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Makes the allow-list agree with the settings: the configured owner is on it, an owner who was configured before is not.</summary>
/// <param name="Owner">The configured owner.</param>
public sealed record KeepOwner(EmailAddress Owner) : IChanging<Result>, IRequestWithoutCaller;

internal sealed class KeepOwnerHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<KeepOwner, Result>
{
    public async Task<Result> Handle(KeepOwner command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcInstant();
        var known = false;
        foreach (var user in await users.ListForChange(cancellationToken))
        {
            if (user.Email == command.Owner)
            {
                known = true;
                user.AuthorizeAgain(AuthorizationSource.Configuration, now);
            }
            else if (user.Source == AuthorizationSource.Configuration)
            {
                user.Revoke(now);
            }
        }

        if (!known) users.Add(AuthorizedUser.Authorize(command.Owner, AuthorizationSource.Configuration, now));
        return Result.Success;
    }
}
