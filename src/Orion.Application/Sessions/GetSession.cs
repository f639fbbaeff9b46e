using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Reads a session.</summary>
public sealed record GetSession(Caller Caller, SessionId Session) : IQuery<SessionView>;

internal sealed class GetSessionHandler(ISessions sessions) : IRequestHandler<GetSession, Result<SessionView>>
{
    public async Task<Result<SessionView>> Handle(GetSession query, CancellationToken cancellationToken) =>
        await sessions.Find(query.Session, query.Caller, cancellationToken) is { } session
            ? SessionView.From(session, query.Caller)
            : SessionErrors.NotFound;
}
