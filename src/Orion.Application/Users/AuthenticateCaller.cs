using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// Finds the caller of a verified token. Its subject must be on the allow-list, the token must not be revoked, and the session of a session
/// token must be open.
/// </summary>
/// <param name="Subject">The token's <c>sub</c>.</param>
/// <param name="IssuedAt">The token's <c>iat</c>.</param>
/// <param name="Session">The token's <c>sid</c>; null for a user token.</param>
public sealed record AuthenticateCaller(EmailAddress Subject, DateTimeOffset IssuedAt, SessionId? Session)
    : IRequest<Result<Caller>>, ISystemRequest;

internal sealed class AuthenticateCallerHandler(IAuthorizedUserCache users, ISessionTokenValidity sessionTokens)
    : IRequestHandler<AuthenticateCaller, Result<Caller>>
{
    public async Task<Result<Caller>> Handle(AuthenticateCaller query, CancellationToken cancellationToken)
    {
        var user = await users.Find(query.Subject, cancellationToken);
        if (user is not { IsAuthorized: true }) return UserErrors.NotAuthorized;
        if (!user.Accepts(query.IssuedAt)) return UserErrors.TokenRevoked;

        var caller = new Caller(user.Id, user.Email, query.Session, query.IssuedAt);
        if (query.Session is not { } session) return caller;
        return await sessionTokens.ValidFrom(session, caller, cancellationToken) is { } validFrom && query.IssuedAt >= validFrom
            ? caller
            : UserErrors.TokenRevoked;
    }
}
