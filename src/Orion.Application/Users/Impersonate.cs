using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// Lets the operator, who holds the database and the secret anyway, act on behalf of someone on the allow-list. It ends when a token
/// that is minted for that person counts at once, or <see cref="TimeProviderExtensions.Longest"/> is over.
/// </summary>
/// <param name="Email">Whose behalf.</param>
public sealed record Impersonate(EmailAddress Email) : IRequest<Result<Caller>>, ISystemRequest;

internal sealed class ImpersonateHandler(IAuthorizedUserCache authorizations, TimeProvider clock) : IRequestHandler<Impersonate, Result<Caller>>
{
    public async Task<Result<Caller>> Handle(Impersonate query, CancellationToken cancellationToken)
    {
        var user = await authorizations.Find(query.Email, cancellationToken);
        if (user is not { IsAuthorized: true }) return UserErrors.NotAuthorized;

        // Signed out within this second: a token of this second would be taken for one from before.
        await clock.Until(user.TokensValidFrom, cancellationToken);
        return new Caller(user.Id, user.Email);
    }
}
