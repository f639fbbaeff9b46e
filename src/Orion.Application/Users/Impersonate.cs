using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// Lets the operator act as an authorized user. This grants no new access, because the operator has the database and the secret. It returns
/// when a token minted for the user would be valid immediately, or after <see cref="TimeProviderExtensions.MaxWait"/>.
/// </summary>
/// <param name="Email">The user's address.</param>
public sealed record Impersonate(EmailAddress Email) : IRequest<Result<Caller>>, ISystemRequest;

internal sealed class ImpersonateHandler(IAuthorizedUserCache users, TimeProvider clock) : IRequestHandler<Impersonate, Result<Caller>>
{
    public async Task<Result<Caller>> Handle(Impersonate query, CancellationToken cancellationToken)
    {
        var user = await users.Find(query.Email, cancellationToken);
        if (user is not { IsAuthorized: true }) return UserErrors.NotAuthorized;

        // The user's tokens were revoked within this second, so a token issued in this second would be rejected.
        await clock.WaitUntil(user.TokensValidFrom, cancellationToken);
        return new Caller(user.Id, user.Email);
    }
}
