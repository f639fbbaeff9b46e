using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Revokes all tokens of a user that were issued up to now: the operator's counterpart of <see cref="RevokeTokens"/>.</summary>
/// <param name="Email">The user's address.</param>
/// <param name="ClockWasAhead">Whether to replace a cutoff in the future that was set by a fast clock.</param>
public sealed record SignOut(EmailAddress Email, bool ClockWasAhead = false) : ITransactionalRequest<Result<TokensRevoked>>, ISystemRequest;

internal sealed class SignOutHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<SignOut, Result<TokensRevoked>>
{
    public async Task<Result<TokensRevoked>> Handle(SignOut command, CancellationToken cancellationToken)
    {
        var user = await users.FindForUpdate(command.Email, cancellationToken);
        if (user is not { IsAuthorized: true }) return UserErrors.Unknown;

        if (command.ClockWasAhead) user.ResetTokenCutoff(clock.GetUtcInstant());
        else user.SignOutEverywhere(clock.GetUtcInstant());
        return new TokensRevoked(user.TokensValidFrom);
    }
}
