using System.Net;
using Microsoft.Extensions.Primitives;
using Orion.Api.Network;
using Orion.Api.RateLimiting;

namespace Orion.Api.SecurityEvents;

/// <summary>Counts all security events, and logs the first of each kind from an address in each rate-limit window.</summary>
internal sealed class SecurityEventLog(ILogger<SecurityEventLog> log, SecurityEventMetrics metrics, SecurityEventThrottle throttle)
{
    // A header may have 16 KiB.
    private const int MaxValueLength = 200;

    /// <summary>401: the token is missing or rejected.</summary>
    /// <param name="context">The request.</param>
    /// <param name="reason">One of the verifier's fixed reasons; never a text of the token.</param>
    internal void TokenRejected(HttpContext context, string reason)
    {
        if (IsFirst(SecurityEventKind.TokenRejected, context, out var address, reason)) log.TokenRejected(reason, address);
    }

    /// <summary>403: a valid token of a user who is not authorized.</summary>
    /// <param name="context">The request.</param>
    /// <param name="subject">The e-mail address of the verified token; null where it has none.</param>
    internal void NotAuthorized(HttpContext context, string? subject)
    {
        if (IsFirst(SecurityEventKind.NotAuthorized, context, out var address)) log.NotAuthorized(subject, address);
    }

    /// <summary>403: a valid token of the wrong kind, or for another session.</summary>
    internal void InsufficientScope(HttpContext context)
    {
        if (IsFirst(SecurityEventKind.InsufficientScope, context, out var address)) log.InsufficientScope(address);
    }

    /// <summary>403: a page whose origin is not allowed.</summary>
    internal void OriginRejected(HttpContext context, StringValues origin)
    {
        if (IsFirst(SecurityEventKind.OriginRejected, context, out var address)) log.OriginRejected(Truncate(origin), address);
    }

    /// <summary>429: the rate limit is exceeded.</summary>
    internal void RateLimited(HttpContext context, RateLimitPartitionKind kind)
    {
        var partition = SecurityEventMetrics.NameOf(kind);
        if (IsFirst(SecurityEventKind.RateLimited, context, out var address, partition)) log.RateLimited(partition, address);
        if (kind is not RateLimitPartitionKind.Address || address is null) return;

        // ClientAddressMiddleware removes the header of a trusted proxy, and keeps it as a feature if it has more entries.
        var forwarded = context.Features.Get<ForwardedAddresses>()?.Lines ?? context.Request.Headers[ForwardedHeaders.For];
        if (forwarded.Count > 0 && throttle.IsFirstEver(ProxyWarning.SharedRateLimit, address))
            log.SharedRateLimit(address, Truncate(forwarded));
    }

    /// <summary>403: the request did not arrive over HTTPS.</summary>
    /// <param name="context">The request.</param>
    /// <param name="sentByProxy">Whether the peer sent <c>X-Forwarded-Proto</c> and is not trusted.</param>
    internal void HttpsRequired(HttpContext context, bool sentByProxy)
    {
        metrics.Count(SecurityEventKind.HttpsRequired);
        var address = context.Connection.RemoteIpAddress;
        if (sentByProxy && address is not null && throttle.IsFirstEver(ProxyWarning.UntrustedPeer, address)) log.UntrustedProxy(address);
        else if (throttle.IsFirstInWindow(SecurityEventKind.HttpsRequired, address)) log.HttpsRequired(address);
    }

    /// <summary>503: other bodies and responses use the memory.</summary>
    internal void Overloaded(HttpContext context)
    {
        if (IsFirst(SecurityEventKind.Overloaded, context, out var address)) log.Overloaded(address);
    }

    /// <summary>A peer that is not trusted sends <c>X-Forwarded-For</c>, so all its clients count as the peer. The request continues.</summary>
    internal void ForwardedByUntrustedPeer(IPAddress peer, StringValues addresses)
    {
        if (throttle.IsFirstEver(ProxyWarning.UntrustedPeer, peer)) log.UntrustedForwarder(peer, Truncate(addresses));
    }

    /// <summary>A trusted proxy sends an <c>X-Forwarded-For</c> without an address in the client's position. The request continues.</summary>
    internal void ForwardedForMalformed(IPAddress peer, StringValues addresses)
    {
        if (throttle.IsFirstEver(ProxyWarning.MalformedFor, peer)) log.UnreadableForwardedFor(peer, Truncate(addresses));
    }

    /// <summary>A trusted proxy sends an <c>X-Forwarded-Proto</c> that is not exactly one scheme. The request continues.</summary>
    internal void ForwardedProtoMalformed(IPAddress peer, StringValues scheme)
    {
        if (throttle.IsFirstEver(ProxyWarning.MalformedProto, peer)) log.UnreadableForwardedProto(peer, Truncate(scheme));
    }

    /// <summary>Counts the event.</summary>
    /// <returns>Whether to log it.</returns>
    private bool IsFirst(SecurityEventKind kind, HttpContext context, out IPAddress? address, string? detail = null)
    {
        metrics.Count(kind, detail);
        address = context.Connection.RemoteIpAddress;
        return throttle.IsFirstInWindow(kind, address, detail);
    }

    private static string Truncate(StringValues value)
    {
        var text = value.ToString();
        return text.Length <= MaxValueLength ? text : text[..MaxValueLength];
    }
}
