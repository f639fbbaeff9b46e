using System.Diagnostics.Metrics;
using Orion.Api.Authentication;
using Orion.Api.RateLimiting;
using Orion.Application.Telemetry;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.Telemetry;

/// <summary>The refusals that Orion counts.</summary>
internal sealed class OrionMetrics : IMetricsSource
{
    private const string Requests = "{request}";

    private readonly Counter<long> _tokensRefused;
    private readonly Counter<long> _notAuthorized;
    private readonly Counter<long> _scopesInsufficient;
    private readonly Counter<long> _originsRefused;
    private readonly Counter<long> _httpsRequired;
    private readonly Counter<long> _limitsHit;
    private readonly Counter<long> _overloaded;

    public OrionMetrics(IMeterFactory factory)
    {
        // The factory owns the meter and disposes it with the host.
        var meter = factory.Create(OrionTelemetry.Name);
        _tokensRefused = meter.CreateCounter<long>("orion.tokens.refused", Requests, "Requests whose token did not count, by reason.");
        _notAuthorized = meter.CreateCounter<long>("orion.users.not_authorized", Requests, "Valid tokens of people not on the list.");
        _scopesInsufficient = meter.CreateCounter<long>("orion.scopes.insufficient", Requests, "Valid tokens of the wrong kind.");
        _originsRefused = meter.CreateCounter<long>("orion.origins.refused", Requests, "Requests of pages that are not on the list.");
        _httpsRequired = meter.CreateCounter<long>("orion.https.required", Requests, "Requests that did not arrive over HTTPS.");
        _limitsHit = meter.CreateCounter<long>("orion.limits.hit", Requests, "Requests beyond their budget, by kind of budget.");
        _overloaded = meter.CreateCounter<long>("orion.requests.overloaded", Requests, "Requests for which there was no memory.");
    }

    public void Begin(Meter meter)
    {
        foreach (var reason in (string[])[.. Enum.GetNames<TokenRejection>(), RequestIdentity.Revoked, RequestIdentity.Missing]) TokenRefused(reason, 0);
        foreach (var kind in Enum.GetValues<RateLimitPartitionKind>()) LimitHit(kind, 0);
        foreach (var counter in (Counter<long>[])[_notAuthorized, _scopesInsufficient, _originsRefused, _httpsRequired, _overloaded]) counter.Add(0);
    }

    /// <param name="reason">One of the fixed reasons.</param>
    /// <param name="requests">How many requests.</param>
    internal void TokenRefused(string reason, long requests = 1) => _tokensRefused.Add(requests, new KeyValuePair<string, object?>("reason", reason));

    internal void NotAuthorized() => _notAuthorized.Add(1);

    internal void ScopeInsufficient() => _scopesInsufficient.Add(1);

    internal void OriginRefused() => _originsRefused.Add(1);

    internal void HttpsRequired() => _httpsRequired.Add(1);

    internal void Overloaded() => _overloaded.Add(1);

    internal void LimitHit(RateLimitPartitionKind kind, long requests = 1) => _limitsHit.Add(requests, new KeyValuePair<string, object?>("budget", NameOf(kind)));

    /// <summary>The name of a kind of budget, in metrics and lines.</summary>
    internal static string NameOf(RateLimitPartitionKind kind) => kind switch
    {
        RateLimitPartitionKind.User => "user",
        RateLimitPartitionKind.SessionToken => "session_token",
        _ => "address",
    };
}
