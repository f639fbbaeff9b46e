using System.Net;
using Microsoft.Extensions.Primitives;
using Orion.Api.Network;
using Orion.Api.RateLimiting;
using Orion.Api.Telemetry;

namespace Orion.Api.SecurityEvents;

/// <summary>The one home of refusals: all are counted, and the first of each kind from an address is a line.</summary>
internal sealed class SecurityEventLog(ILogger<SecurityEventLog> log, OrionMetrics metrics, SecurityEventThrottle lines)
{
    // An origin of 16 KiB is possible, and no reason to write 16 KiB.
    private const int MaxText = 200;

    /// <summary>401: the token does not count.</summary>
    /// <param name="reason">One of the verifier's fixed reasons; never a text of the token.</param>
    internal void TokenRejected(HttpContext context, string reason)
    {
        metrics.TokenRefused(reason);
        var address = context.Connection.RemoteIpAddress;
        if (lines.IsFirst(Refusal.Token, address, reason))
            log.TokenRejected(reason, address);
    }

    /// <summary>403: a valid token of somebody who is not on the list.</summary>
    /// <param name="subject">The e-mail address of the verified token; null where there is none.</param>
    internal void NotAuthorized(HttpContext context, string? subject)
    {
        metrics.NotAuthorized();
        var address = context.Connection.RemoteIpAddress;
        if (lines.IsFirst(Refusal.NotAuthorized, address))
            log.NotAuthorized(subject, address);
    }

    /// <summary>403: a valid token of the wrong kind, or for another session.</summary>
    internal void InsufficientScope(HttpContext context)
    {
        metrics.ScopeInsufficient();
        var address = context.Connection.RemoteIpAddress;
        if (lines.IsFirst(Refusal.Scope, address))
            log.InsufficientScope(address);
    }

    /// <summary>403: a page that may not call.</summary>
    internal void OriginRefused(HttpContext context, StringValues origin)
    {
        metrics.OriginRefused();
        var address = context.Connection.RemoteIpAddress;
        if (lines.IsFirst(Refusal.Origin, address))
            log.OriginRefused(Cut(origin.ToString()), address);
    }

    /// <summary>429: the budget is used up.</summary>
    internal void LimitHit(HttpContext context, RateLimitPartitionKind kind)
    {
        metrics.LimitHit(kind);
        var address = context.Connection.RemoteIpAddress;
        var budget = OrionMetrics.NameOf(kind);
        if (lines.IsFirst(Refusal.Limit, address, budget))
            log.LimitHit(budget, address);

        // A trusted proxy's list is with the request's features, an untrusted peer's still with its headers.
        var forwarded = context.Features.Get<ForwardedAddresses>()?.Lines ?? context.Request.Headers[ForwardedHeaders.For];
        if (kind is RateLimitPartitionKind.Address && forwarded.Count > 0 && address is not null && lines.IsFirst(ProxyAdvice.SharedBudget, address))
            log.SharedBudget(address, Cut(forwarded.ToString()));
    }

    /// <summary>No refusal yet: the peer forwards for others and is no trusted proxy, so they all count as the peer.</summary>
    internal void ForwardedByUntrustedPeer(IPAddress peer, StringValues addresses)
    {
        if (lines.IsFirst(ProxyAdvice.Untrusted, peer))
            log.UntrustedForwarder(peer, Cut(addresses.ToString()));
    }

    /// <summary>No refusal yet: a trusted proxy sends an <c>X-Forwarded-For</c> without an address in the client's place.</summary>
    internal void ForwardedForUnreadable(IPAddress peer, StringValues addresses)
    {
        if (lines.IsFirst(ProxyAdvice.UnreadableFor, peer))
            log.UnreadableForwardedFor(peer, Cut(addresses.ToString()));
    }

    /// <summary>No refusal yet: a trusted proxy sends an <c>X-Forwarded-Proto</c> that is not one scheme.</summary>
    internal void ForwardedProtoUnreadable(IPAddress peer, StringValues scheme)
    {
        if (lines.IsFirst(ProxyAdvice.UnreadableProto, peer))
            log.UnreadableForwardedProto(peer, Cut(scheme.ToString()));
    }

    /// <summary>403: the request did not arrive over HTTPS.</summary>
    /// <param name="byUntrustedProxy">Whether the peer says that it is a proxy; the operator then learns which address to trust.</param>
    internal void HttpsRequired(HttpContext context, bool byUntrustedProxy)
    {
        metrics.HttpsRequired();
        var address = context.Connection.RemoteIpAddress;
        if (byUntrustedProxy && address is not null && lines.IsFirst(ProxyAdvice.Untrusted, address))
            log.UntrustedProxy(address);
        else if (lines.IsFirst(Refusal.Https, address))
            log.HttpsRequired(address);
    }

    /// <summary>503: other bodies and responses hold the memory.</summary>
    internal void Overloaded(HttpContext context)
    {
        metrics.Overloaded();
        var address = context.Connection.RemoteIpAddress;
        if (lines.IsFirst(Refusal.Memory, address))
            log.Overloaded(address);
    }

    private static string Cut(string text) => text.Length <= MaxText ? text : text[..MaxText];
}
