using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Puts someone on the allow-list, or back on it with all earlier tokens refused.</summary>
/// <param name="Email">Whom.</param>
public sealed record GrantAccess(EmailAddress Email) : ITransactionalRequest<Result<AccessGranted>>, ISystemRequest;

/// <summary>Someone is on the allow-list.</summary>
/// <param name="Changed">False where they were on it already: nothing was changed.</param>
/// <param name="TokensValidFrom">The whole second from which on their tokens count; the Unix epoch where every token does.</param>
public sealed record AccessGranted(bool Changed, DateTimeOffset TokensValidFrom);

internal sealed class GrantAccessHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<GrantAccess, Result<AccessGranted>>
{
    public async Task<Result<AccessGranted>> Handle(GrantAccess command, CancellationToken cancellationToken)
    {
        // The whole list, locked: an address that is not there yet has no row to lock.
        var user = (await users.ListForUpdate(cancellationToken)).FirstOrDefault(user => user.Email == command.Email);
        // Someone who is on it by configuration stays so: the settings go on deciding about the owner.
        if (user is { IsAuthorized: true }) return new AccessGranted(false, user.TokensValidFrom);

        var now = clock.GetUtcInstant();
        if (user is null) users.Add(user = AuthorizedUser.Authorize(command.Email, AuthorizationSource.Granted, now));
        else user.AuthorizeAgain(AuthorizationSource.Granted, now);
        return new AccessGranted(true, user.TokensValidFrom);
    }
}
