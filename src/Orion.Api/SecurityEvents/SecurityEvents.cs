using System.Net;

namespace Orion.Api.SecurityEvents;

/// <summary>
/// The events that an operator may watch for; their numbers and names stay. Never a token, a secret, a claim of an unverified
/// token, a query string or a text of a session. 1001–1099 are refusals, and what may cause them; 3005 is numbered among the failures,
/// where an operator finds the other reasons for a 503. Acts are the audit log's.
/// </summary>
internal static partial class SecurityEvents
{
    [LoggerMessage(1001, LogLevel.Warning, "A token was rejected ({Reason}), from {Address}")]
    internal static partial void TokenRejected(this ILogger log, string reason, IPAddress? address);

    [LoggerMessage(1002, LogLevel.Warning, "{Subject} has a valid token and is not authorized, from {Address}")]
    internal static partial void NotAuthorized(this ILogger log, string? subject, IPAddress? address);

    [LoggerMessage(1003, LogLevel.Warning, "A valid token does not reach this route or session, from {Address}")]
    internal static partial void InsufficientScope(this ILogger log, IPAddress? address);

    [LoggerMessage(1004, LogLevel.Warning, "The origin {Origin} is not in ALLOWED_ORIGINS, from {Address}")]
    internal static partial void OriginRefused(this ILogger log, string origin, IPAddress? address);

    [LoggerMessage(1005, LogLevel.Warning, "A budget of requests is used up ({Budget}), from {Address}")]
    internal static partial void LimitHit(this ILogger log, string budget, IPAddress? address);

    [LoggerMessage(1006, LogLevel.Warning, "A request did not arrive over HTTPS and was refused, from {Address}")]
    internal static partial void HttpsRequired(this ILogger log, IPAddress? address);

    [LoggerMessage(1007, LogLevel.Warning,
        "{Address} sends X-Forwarded-Proto and is no trusted proxy, so its requests count as plain HTTP and are refused. " +
        "If it is your proxy, add {Address} to TRUSTED_PROXIES")]
    internal static partial void UntrustedProxy(this ILogger log, IPAddress? address);

    [LoggerMessage(1008, LogLevel.Warning,
        "{Peer} sends X-Forwarded-For ({Value}) and is no trusted proxy, so all its clients count as {Peer}, in the log and on one budget. " +
        "If it is your proxy or CDN, add {Peer} to TRUSTED_PROXIES")]
    internal static partial void UntrustedForwarder(this ILogger log, IPAddress peer, string value);

    [LoggerMessage(1009, LogLevel.Warning,
        "The trusted proxy {Peer} sends X-Forwarded-For ({Value}) without an address where the client's should be, so its clients are not told apart. " +
        "Let it append the address that it was reached from, such as nginx's $proxy_add_x_forwarded_for")]
    internal static partial void UnreadableForwardedFor(this ILogger log, IPAddress peer, string value);

    [LoggerMessage(1010, LogLevel.Warning,
        "The trusted proxy {Peer} sends X-Forwarded-Proto ({Value}), which is not the one word https or http and so counts as http. " +
        "Let it set the header instead of appending to it, such as nginx's proxy_set_header X-Forwarded-Proto $scheme")]
    internal static partial void UnreadableForwardedProto(this ILogger log, IPAddress peer, string value);

    [LoggerMessage(1011, LogLevel.Warning,
        "The budget of {Address} is used up, and its requests name further addresses in X-Forwarded-For ({Value}). " +
        "If {Address} is a proxy or CDN of yours, all its clients share this budget: add it to TRUSTED_PROXIES")]
    internal static partial void SharedBudget(this ILogger log, IPAddress address, string value);

    [LoggerMessage(3005, LogLevel.Warning,
        "A request got 503: other large bodies and responses held all the memory that there is for them, or for one caller's; from {Address}")]
    internal static partial void Overloaded(this ILogger log, IPAddress? address);
}
