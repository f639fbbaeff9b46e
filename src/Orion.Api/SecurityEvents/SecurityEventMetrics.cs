using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Orion.Api.Authentication;
using Orion.Api.RateLimiting;
using Orion.Application.Telemetry;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.SecurityEvents;

/// <summary>Counts the security events, with a counter for each kind.</summary>
internal sealed class SecurityEventMetrics : IMetricsSource
{
    private static readonly (SecurityEventKind Kind, string Name, string? Label, string Description)[] Definitions =
    [
        (SecurityEventKind.TokenRejected, "orion.tokens.refused", "reason", "Requests whose token was missing or rejected, by reason."),
        (SecurityEventKind.NotAuthorized, "orion.users.not_authorized", null, "Valid tokens of users who are not authorized."),
        (SecurityEventKind.InsufficientScope, "orion.scopes.insufficient", null, "Valid tokens without access to the route or session."),
        (SecurityEventKind.OriginRejected, "orion.origins.refused", null, "Requests from pages whose origin is not allowed."),
        (SecurityEventKind.HttpsRequired, "orion.https.required", null, "Requests that did not arrive over HTTPS."),
        (SecurityEventKind.RateLimited, "orion.limits.hit", "budget", "Requests beyond a rate limit, by what it applies to."),
        (SecurityEventKind.Overloaded, "orion.requests.overloaded", null, "Requests rejected because memory was in use."),
    ];

    private readonly FrozenDictionary<SecurityEventKind, (Counter<long> Counter, string? Label)> _counters;

    public SecurityEventMetrics(IMeterFactory factory)
    {
        // The factory owns the meter and disposes it with the host.
        var meter = factory.Create(OrionTelemetry.Name);
        _counters = Definitions.ToFrozenDictionary(
            counter => counter.Kind, counter => (meter.CreateCounter<long>(counter.Name, "{request}", counter.Description), counter.Label));
    }

    public void Begin(Meter meter)
    {
        foreach (var reason in (string[])[.. Enum.GetNames<TokenRejection>(), RequestIdentity.Revoked, RequestIdentity.Missing])
            Count(SecurityEventKind.TokenRejected, reason, requests: 0);
        foreach (var kind in Enum.GetValues<RateLimitPartitionKind>()) Count(SecurityEventKind.RateLimited, NameOf(kind), requests: 0);
        foreach (var (kind, _, _, _) in Definitions.Where(counter => counter.Label is null)) Count(kind, requests: 0);
    }

    /// <param name="kind">The kind.</param>
    /// <param name="detail">The value of the label, one of a fixed list; null for a kind without a label.</param>
    /// <param name="requests">How many requests.</param>
    internal void Count(SecurityEventKind kind, string? detail = null, long requests = 1)
    {
        var (counter, label) = _counters[kind];
        if (label is null) counter.Add(requests);
        else counter.Add(requests, new KeyValuePair<string, object?>(label, detail));
    }

    /// <summary>The name of a kind of partition, in metrics and the log.</summary>
    internal static string NameOf(RateLimitPartitionKind kind) => kind switch
    {
        RateLimitPartitionKind.User => "user",
        RateLimitPartitionKind.SessionToken => "session_token",
        _ => "address",
    };
}
