using FluentValidation;
using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Tokens;

/// <summary>Mints a token that gives access to one session of the caller.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="ExpiresInSeconds">The lifetime, from 1 s to <see cref="SessionTokenLifetime.Max"/>; null for the default.</param>
public sealed record MintSessionToken(Caller Caller, Result<SessionId>? Session, Result<int>? ExpiresInSeconds = null) : IQuery<SessionTokenView>;

/// <summary>A session token.</summary>
/// <param name="Token">The token, for the <c>Authorization: Bearer</c> header only.</param>
/// <param name="TokenType"><c>Bearer</c> (RFC 6750).</param>
/// <param name="ExpiresIn">The lifetime, in seconds.</param>
/// <param name="ExpiresAt">When the token expires.</param>
/// <param name="RenewAfterSeconds">When to request the next token, in seconds, so that a valid one is always available.</param>
/// <param name="SessionId">The session that the token is valid for.</param>
public sealed record SessionTokenView(
    string Token, string TokenType, int ExpiresIn, DateTimeOffset ExpiresAt, int RenewAfterSeconds, Guid SessionId);

internal sealed class MintSessionTokenRules : AbstractValidator<MintSessionToken>
{
    public MintSessionTokenRules()
    {
        RuleFor(query => query.Session).MustBePresent().MustBeValid().OverridePropertyName("sessionId");
        RuleFor(query => query.ExpiresInSeconds).MustBeValid()
            .Must(seconds => seconds is null or { Error: not null } or { Value: >= 1 and <= SessionTokenLifetime.MaxSeconds })
            .WithMessage($"The lifetime must be from 1 to {SessionTokenLifetime.MaxSeconds} seconds.");
    }
}

internal sealed class MintSessionTokenHandler(IAccessCheck access, ITokenMinter minter, ITokenAudit audit, TimeProvider clock)
    : IRequestHandler<MintSessionToken, Result<SessionTokenView>>
{
    public async Task<Result<SessionTokenView>> Handle(MintSessionToken query, CancellationToken cancellationToken)
    {
        // Must precede the read of the caller's access: a revocation that is not visible to that read is later, and so it also revokes this
        // token.
        var issuedAt = clock.GetUtcNow();
        var found = await FindOpenSession(query, cancellationToken);
        if (found.Error is { } error) return error;

        if (found.Value.TokensValidFrom > issuedAt)
        {
            // The session was archived and restored within this second, so tokens issued in this second are rejected.
            if (!await clock.WaitUntil(found.Value.TokensValidFrom, cancellationToken)) return SessionErrors.TokensNotYetValid;
            // The session may have changed during the wait.
            issuedAt = clock.GetUtcNow();
            found = await FindOpenSession(query, cancellationToken);
            if (found.Error is { } laterError) return laterError;
            if (found.Value.TokensValidFrom > issuedAt) return SessionErrors.TokensNotYetValid;
        }

        var session = found.Value;
        var lifetime = query.ExpiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds.Value) : SessionTokenLifetime.Default;
        var minted = minter.MintSessionToken(query.Caller, session.Id, issuedAt, lifetime);
        audit.SessionTokenMinted(session.Id, query.Caller);
        var expiresIn = (int)lifetime.TotalSeconds;
        return new SessionTokenView(minted.Token, "Bearer", expiresIn, minted.ExpiresAt, Math.Max(1, expiresIn * 4 / 5), session.Id.Value);
    }

    // Minting writes nothing, so no transaction checks the caller's token. This reads the session and checks the token in one statement.
    private async Task<Result<Session>> FindOpenSession(MintSessionToken query, CancellationToken cancellationToken)
    {
        var found = await access.FindSession(query.Session!.Value, query.Caller, cancellationToken);
        return found.Error is null && found.Value.ArchivedAt is not null ? SessionErrors.Archived : found;
    }
}
