using FluentValidation;
using MediatR;
using Orion.Application.Requests;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Tokens;

/// <summary>Mints a token that reaches one session of the caller.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="ExpiresInSeconds">How long it lives, from 1 s to <see cref="SessionTokenLifetime.Longest"/>; null for the default.</param>
public sealed record MintSessionToken(Caller Caller, SessionId Session, int? ExpiresInSeconds) : IQuery<SessionTokenView>
{
    /// <summary>The longest lifetime, in seconds.</summary>
    public static readonly int MaxSeconds = (int)SessionTokenLifetime.Longest.TotalSeconds;
}

/// <summary>A session token as clients get it.</summary>
/// <param name="Token">The token: for <c>Authorization: Bearer</c>, and for no other place.</param>
/// <param name="TokenType"><c>Bearer</c> (RFC 6750).</param>
/// <param name="ExpiresIn">How long it lives, in seconds.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="RenewAfterSeconds">When to ask for the next one, so that none is ever missing.</param>
/// <param name="SessionId">The session that it reaches.</param>
public sealed record SessionTokenView(
    string Token, string TokenType, int ExpiresIn, DateTimeOffset ExpiresAt, int RenewAfterSeconds, Guid SessionId);

internal sealed class MintSessionTokenRules : AbstractValidator<MintSessionToken>
{
    public MintSessionTokenRules() =>
        RuleFor(query => query.ExpiresInSeconds).InclusiveBetween(1, MintSessionToken.MaxSeconds)
            .WithMessage($"The lifetime must be from 1 to {MintSessionToken.MaxSeconds} seconds.");
}

internal sealed class MintSessionTokenHandler(ISessions sessions, ITokenMinter minter, ITokenAudit audit, TimeProvider clock)
    : IRequestHandler<MintSessionToken, Result<SessionTokenView>>
{
    public async Task<Result<SessionTokenView>> Handle(MintSessionToken query, CancellationToken cancellationToken)
    {
        var session = await sessions.Find(query.Session, query.Caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;
        if (session.ArchivedAt is not null) return SessionErrors.Archived;

        // Restored within the second of its archiving: a token of this second would be taken for one from before.
        await clock.Until(session.TokensValidFrom, cancellationToken);

        var lifetime = query.ExpiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : SessionTokenLifetime.Default;
        var minted = minter.MintSessionToken(query.Caller, session.Id, lifetime);
        audit.SessionTokenMinted(session.Id, query.Caller);
        var expiresIn = (int)lifetime.TotalSeconds;
        return new SessionTokenView(minted.Token, "Bearer", expiresIn, minted.ExpiresAt, Math.Max(1, expiresIn * 4 / 5), session.Id.Value);
    }
}
