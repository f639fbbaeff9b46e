using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Infrastructure.Persistence;

namespace Orion.Infrastructure.Replies;

/// <summary>Asks the database every 2 s which of the watched callers have lost their access, all of them at once.</summary>
internal sealed partial class CallerAccessWatch(
    IServiceScopeFactory scopes, IDatabaseHealth database, TimeProvider clock, ILogger<CallerAccessWatch> logger) : BackgroundService, ICallerAccessWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Watched, bool> _watched = new();

    public IWatchedCaller Watch(Caller caller)
    {
        var watched = new Watched(this, caller);
        _watched[watched] = true;
        return watched;
    }

    public async Task<bool> IsRevoked(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.TokenIssuedAt is null) return false;
        try
        {
            return (await FindRejected([caller with { Scope = null }], cancellationToken)).Any();
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isFailing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            await clock.Delay(Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await Check(stoppingToken);
                isFailing = false;
            }
            catch (Exception exception)
            {
                // Without the database, no frame is stored, and so none is sent.
                if (stoppingToken.IsCancellationRequested) return;
                if (!isFailing) LogFailed(database.Explain(exception));
                isFailing = true;
            }
        }
    }

    private async Task Check(CancellationToken cancellationToken)
    {
        var watched = _watched.Select(entry => entry.Key).Where(watched => watched.Caller.TokenIssuedAt is not null).ToLookup(watched => watched.Caller);
        if (watched.Count == 0) return;
        foreach (var caller in await FindRejected([.. watched.Select(group => group.Key)], cancellationToken))
        {
            foreach (var one in watched[caller]) one.Revoke();
        }
    }

    private async Task<IEnumerable<Caller>> FindRejected(IReadOnlyList<Caller> callers, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrionDbContext>();
        var ids = callers.Select(caller => caller.Id).Distinct().ToList();
        var scopedTo = callers.Where(caller => caller.Scope is not null).Select(caller => caller.Scope!.Value).Distinct().ToList();
        var owners = callers.Where(caller => caller.Scope is not null).Select(caller => caller.Id).Distinct().ToList();

        var users = await context.AuthorizedUsers.AsNoTracking().Where(user => ids.Contains(user.Id)).ToDictionaryAsync(user => user.Id, cancellationToken);
        var sessions = scopedTo.Count == 0
            ? []
            : await context.Sessions.AsNoTracking()
                .Where(session => owners.Contains(session.OwnerId) && scopedTo.Contains(session.Id))
                .ToDictionaryAsync(session => (session.OwnerId, session.Id), cancellationToken);

        return callers.Where(caller =>
            users.GetValueOrDefault(caller.Id) is not { IsAuthorized: true } user
            || !user.Accepts(caller.TokenIssuedAt!.Value)
            || (caller.Scope is { } only && sessions.GetValueOrDefault((caller.Id, only))?.Accepts(caller.TokenIssuedAt.Value) != true));
    }

    [LoggerMessage(5005, LogLevel.Warning, "The access of the readers of replies cannot be checked. {Reason} Orion retries.")]
    private partial void LogFailed(string reason);

    private sealed class Watched(CallerAccessWatch watch, Caller caller) : IWatchedCaller
    {
        private readonly CancellationTokenSource _revocation = new();

        internal Caller Caller => caller;

        public CancellationToken Revoked => _revocation.Token;

        // On another thread, because the callbacks of one reader must not delay the others.
        internal void Revoke() => _ = _revocation.CancelAsync();

        // The source has no timer, so it needs no disposal, which could collide with a cancellation.
        public void Dispose() => watch._watched.TryRemove(this, out _);
    }
}
