using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Refuses every token of someone that was issued up to now: the operator's side of <see cref="RevokeTokens"/>.</summary>
/// <param name="Email">Whose tokens.</param>
/// <param name="ClockWasAhead">Take back that tokens are refused until a later time, which a clock that ran ahead has written.</param>
public sealed record SignOut(EmailAddress Email, bool ClockWasAhead = false) : ITransactionalRequest<Result<TokensRevoked>>, ISystemRequest;

internal sealed class SignOutHandler(IAuthorizedUsers users, TimeProvider clock) : IRequestHandler<SignOut, Result<TokensRevoked>>
{
    public async Task<Result<TokensRevoked>> Handle(SignOut command, CancellationToken cancellationToken)
    {
        var user = await users.FindForUpdate(command.Email, cancellationToken);
        if (user is not { IsAuthorized: true }) return UserErrors.Unknown;

        if (command.ClockWasAhead) user.SignOutByThisClock(clock.GetUtcInstant());
        else user.SignOutEverywhere(clock.GetUtcInstant());
        return new TokensRevoked(user.TokensValidFrom);
    }
}
