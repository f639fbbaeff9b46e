using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;

namespace Orion.Application.Tokens;

/// <summary>Revokes all tokens of the caller that were issued up to now.</summary>
/// <param name="Caller">The user whose tokens are revoked.</param>
public sealed record RevokeTokens(Caller Caller) : ICommand<TokensRevoked>;

/// <summary>Tokens were revoked.</summary>
/// <param name="ValidFrom">The whole second from which on new tokens are valid. The response is sent once it is reached.</param>
public sealed record TokensRevoked(DateTimeOffset ValidFrom);

internal sealed class RevokeTokensHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<RevokeTokens, Result<TokensRevoked>>
{
    public async Task<Result<TokensRevoked>> Handle(RevokeTokens command, CancellationToken cancellationToken)
    {
        var user = await users.FindForUpdate(command.Caller.Email, cancellationToken);
        if (user is not { IsAuthorized: true }) return UserErrors.NotAuthorized;

        user.SignOutEverywhere(clock.GetUtcInstant());
        return new TokensRevoked(user.TokensValidFrom);
    }
}
