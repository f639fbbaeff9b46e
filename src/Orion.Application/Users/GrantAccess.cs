using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Authorizes a user, for the first time or again. All tokens issued before a revocation stay invalid.</summary>
/// <param name="Email">The user's address.</param>
public sealed record GrantAccess(EmailAddress Email) : ITransactionalRequest<Result<AccessGranted>>, ISystemRequest;

/// <summary>The user is authorized.</summary>
/// <param name="Changed">False if the user was authorized already and nothing changed.</param>
/// <param name="TokensValidFrom">The whole second from which on the user's tokens are valid; the Unix epoch if all are.</param>
public sealed record AccessGranted(bool Changed, DateTimeOffset TokensValidFrom);

internal sealed class GrantAccessHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<GrantAccess, Result<AccessGranted>>
{
    public async Task<Result<AccessGranted>> Handle(GrantAccess command, CancellationToken cancellationToken)
    {
        // Locks the whole list, because a new address has no row to lock.
        var user = (await users.ListForUpdate(cancellationToken)).FirstOrDefault(user => user.Email == command.Email);
        // The source of the configured owner does not change: only the settings determine the owner.
        if (user is { IsAuthorized: true }) return new AccessGranted(false, user.TokensValidFrom);

        var now = clock.GetUtcInstant();
        if (user is null) users.Add(user = AuthorizedUser.Authorize(command.Email, AuthorizationSource.Granted, now));
        else user.AuthorizeAgain(AuthorizationSource.Granted, now);
        return new AccessGranted(true, user.TokensValidFrom);
    }
}
