using System.Net;

namespace Orion.Api.SecurityEvents;

/// <summary>
/// The log lines that an operator may monitor. Their numbers and names do not change. They never contain a token, a secret, a claim of an
/// unverified token, a query string or the text of a session. 1001–1099 are rejected requests and their possible causes. 3005 is numbered
/// with the other reasons for a 503. Successful operations are in the audit log.
/// </summary>
internal static partial class SecurityEvents
{
    [LoggerMessage(1001, LogLevel.Warning, "A token was rejected ({Reason}), from {Address}")]
    internal static partial void TokenRejected(this ILogger log, string reason, IPAddress? address);

    [LoggerMessage(1002, LogLevel.Warning, "{Subject} has a valid token and is not authorized, from {Address}")]
    internal static partial void NotAuthorized(this ILogger log, string? subject, IPAddress? address);

    [LoggerMessage(1003, LogLevel.Warning, "A valid token does not give access to this route or session, from {Address}")]
    internal static partial void InsufficientScope(this ILogger log, IPAddress? address);

    [LoggerMessage(1004, LogLevel.Warning, "The origin {Origin} is not in ALLOWED_ORIGINS, from {Address}", EventName = "OriginRefused")]
    internal static partial void OriginRejected(this ILogger log, string origin, IPAddress? address);

    [LoggerMessage(1005, LogLevel.Warning, "A rate limit was exceeded ({Budget}), from {Address}", EventName = "LimitHit")]
    internal static partial void RateLimited(this ILogger log, string budget, IPAddress? address);

    [LoggerMessage(1006, LogLevel.Warning, "A request was rejected because it did not arrive over HTTPS, from {Address}")]
    internal static partial void HttpsRequired(this ILogger log, IPAddress? address);

    [LoggerMessage(1007, LogLevel.Warning,
        "{Address} sends X-Forwarded-Proto and is not a trusted proxy, so its requests count as plain HTTP and are rejected. " +
        "If it is your proxy, add {Address} to TRUSTED_PROXIES")]
    internal static partial void UntrustedProxy(this ILogger log, IPAddress? address);

    [LoggerMessage(1008, LogLevel.Warning,
        "{Peer} sends X-Forwarded-For ({Value}) and is not a trusted proxy, so all its clients count as {Peer}, in the log and for the rate " +
        "limit. If it is your proxy or CDN, add {Peer} to TRUSTED_PROXIES")]
    internal static partial void UntrustedForwarder(this ILogger log, IPAddress peer, string value);

    [LoggerMessage(1009, LogLevel.Warning,
        "The trusted proxy {Peer} sends X-Forwarded-For ({Value}) without an address in the client's position, so its clients share one rate " +
        "limit. Configure it to append the address of its peer, such as nginx's $proxy_add_x_forwarded_for")]
    internal static partial void UnreadableForwardedFor(this ILogger log, IPAddress peer, string value);

    [LoggerMessage(1010, LogLevel.Warning,
        "The trusted proxy {Peer} sends X-Forwarded-Proto ({Value}), which is not exactly https or http and therefore counts as http. " +
        "Configure it to set the header, not to append to it, such as nginx's proxy_set_header X-Forwarded-Proto $scheme")]
    internal static partial void UnreadableForwardedProto(this ILogger log, IPAddress peer, string value);

    [LoggerMessage(1011, LogLevel.Warning,
        "{Address} has exceeded its rate limit, and its requests name further addresses in X-Forwarded-For ({Value}). " +
        "If {Address} is a proxy or CDN of yours, all its clients share this rate limit: add it to TRUSTED_PROXIES",
        EventName = "SharedBudget")]
    internal static partial void SharedRateLimit(this ILogger log, IPAddress address, string value);

    [LoggerMessage(3005, LogLevel.Warning,
        "A request got 503: other bodies and responses use all the memory reserved for them, or the caller's share of it; from {Address}")]
    internal static partial void Overloaded(this ILogger log, IPAddress? address);
}
