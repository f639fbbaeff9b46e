using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Messaging;
using Orion.Application.Telemetry;
using Orion.Application.Tokens;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Caching;

internal sealed class SessionTokenValidityCache(IServiceScopeFactory scopes, TimeProvider clock) : ISessionTokenValidity, IMetricsSource
{
    private readonly ShortLivedCache<(UserId Owner, SessionId Id), DateTimeOffset?> _validFrom = new(
        (context, session) => context.Sessions
            .Where(row => row.OwnerId == session.Owner && row.Id == session.Id && row.ArchivedAt == null)
            .Select(row => (DateTimeOffset?)row.TokensValidFrom)
            .SingleOrDefaultAsync(),
        scopes,
        clock);

    public ValueTask<DateTimeOffset?> ValidFrom(SessionId session, Caller caller, CancellationToken cancellationToken) =>
        _validFrom.Get((caller.Id, session), cancellationToken);

    /// <summary>Removes a session that this instance has just archived, restored or deleted, or found changed by another one.</summary>
    internal void Invalidate(UserId owner, SessionId session) => _validFrom.Invalidate((owner, session));

    public void Begin(Meter meter) => _validFrom.Count(new CacheMetrics(meter, "session_tokens"));
}
