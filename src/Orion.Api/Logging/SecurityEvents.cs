using System.Net;

namespace Orion.Api.Logging;

/// <summary>
/// The events that an operator may watch for; their numbers and names stay. Never a token, a secret, a claim of an unverified
/// token, a query string or a text of a session. 1001–1099 are refusals; acts are the audit log's.
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
}
