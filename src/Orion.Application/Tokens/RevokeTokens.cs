using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;

namespace Orion.Application.Tokens;

/// <summary>Refuses every token of the caller that was issued up to now.</summary>
/// <param name="Caller">Whose tokens.</param>
public sealed record RevokeTokens(Caller Caller) : ICommand<TokensRevoked>;

/// <summary>Tokens were revoked.</summary>
/// <param name="ValidFrom">The whole second from which on tokens count: the caller is told when it has come.</param>
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
