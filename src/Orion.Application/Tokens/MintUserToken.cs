using FluentValidation;
using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;

namespace Orion.Application.Tokens;

/// <summary>Mints a user token. Only the operator's command line uses it; no route does.</summary>
/// <param name="Caller">The token's user.</param>
/// <param name="Lifetime">Whole seconds, up to the longest lifetime that the settings allow.</param>
public sealed record MintUserToken(Caller Caller, TimeSpan Lifetime) : IQuery<MintedToken>;

internal sealed class MintUserTokenRules : AbstractValidator<MintUserToken>
{
    public MintUserTokenRules() =>
        RuleFor(query => query.Lifetime).Must(lifetime => lifetime >= TimeSpan.FromSeconds(1) && lifetime.Ticks % TimeSpan.TicksPerSecond == 0)
            .WithMessage("The lifetime must be at least a second, in whole seconds.");
}

internal sealed class MintUserTokenHandler(ITokenMinter minter, IAuthorizedUserCache users, TimeProvider clock)
    : IRequestHandler<MintUserToken, Result<MintedToken>>
{
    public async Task<Result<MintedToken>> Handle(MintUserToken query, CancellationToken cancellationToken)
    {
        if (await users.Find(query.Caller.Email, cancellationToken) is not { IsAuthorized: true } user) return UserErrors.NotAuthorized;
        if (!await clock.WaitUntil(user.TokensValidFrom, cancellationToken)) return UserErrors.TokensNotYetValid(user.TokensValidFrom);
        return minter.MintUserToken(query.Caller.Email, query.Lifetime);
    }
}
