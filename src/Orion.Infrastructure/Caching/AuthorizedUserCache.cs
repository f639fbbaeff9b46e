using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application.Telemetry;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Caching;

internal sealed class AuthorizedUserCache(IServiceScopeFactory scopes, TimeProvider clock) : IAuthorizedUserCache, IMetricsSource
{
    private readonly ShortLivedCache<EmailAddress, AuthorizedUser?> _users = new(
        (context, email) => context.AuthorizedUsers.AsNoTracking().SingleOrDefaultAsync(user => user.Email == email), scopes, clock);

    public ValueTask<AuthorizedUser?> Find(EmailAddress email, CancellationToken cancellationToken) => _users.Get(email, cancellationToken);

    /// <summary>Removes a user that this instance has just changed, or found changed by another one.</summary>
    internal void Invalidate(EmailAddress email) => _users.Invalidate(email);

    public void Begin(Meter meter) => _users.Count(new CacheMetrics(meter, "users"));
}
