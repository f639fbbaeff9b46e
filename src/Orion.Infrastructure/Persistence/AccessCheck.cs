using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Caching;

namespace Orion.Infrastructure.Persistence;

internal sealed class AccessCheck(Lazy<OrionDbContext> context, AuthorizedUserCache users, SessionTokenValidityCache sessionTokens)
    : IAccessCheck
{
    public async Task<Error?> FindRejection(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.TokenIssuedAt is null) return null;
        var (user, session) = await Read(caller, caller.Scope ?? SessionId.Unassigned, cancellationToken);
        return CheckToken(caller, user, session);
    }

    public async Task<Result<Session>> FindSession(SessionId id, Caller caller, CancellationToken cancellationToken)
    {
        var (user, session) = await Read(caller, id, cancellationToken);
        if (CheckToken(caller, user, session) is { } error) return error;
        return session is null ? SessionErrors.NotFound : session;
    }

    private Error? CheckToken(Caller caller, AuthorizedUser? user, Session? session)
    {
        if (caller.TokenIssuedAt is not { } issuedAt) return null;
        var isAuthorized = user is { IsAuthorized: true };
        if (isAuthorized && user!.Accepts(issuedAt) && (caller.Scope is null || session?.Accepts(issuedAt) == true)) return null;

        users.Invalidate(caller.Email);
        if (caller.Scope is { } scope) sessionTokens.Invalidate(caller.Id, scope);
        return isAuthorized ? UserErrors.TokenRevoked : UserErrors.NotAuthorized;
    }

    private async Task<(AuthorizedUser? User, Session? Session)> Read(Caller caller, SessionId id, CancellationToken cancellationToken)
    {
        var sessions = context.Value.Sessions.Of(caller).Where(session => session.Id == id);
        var found = await (
            from user in context.Value.AuthorizedUsers
            where user.Id == caller.Id
            from session in sessions.DefaultIfEmpty()
            select new { user, session }).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        return (found?.user, found?.session);
    }
}
