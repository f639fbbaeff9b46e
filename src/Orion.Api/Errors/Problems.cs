using Microsoft.AspNetCore.WebUtilities;
using Orion.Api.Hosting;
using Orion.Api.Http;
using Orion.Domain;

namespace Orion.Api.Errors;

/// <summary>The errors of the API layer, and the mapping of an <see cref="Error"/> to a status.</summary>
internal static class Problems
{
    internal static Problem MissingToken { get; } = New(401, "missing_token", "A bearer token is needed.");

    internal static Problem InvalidToken { get; } = New(401, "invalid_token", "The token is not accepted.");

    internal static Problem NotAuthorized { get; } = New(403, "not_authorized", "You are not authorized to use this service.");

    internal static Problem InsufficientScope { get; } = New(403, "insufficient_scope", "This token does not reach that far.");

    internal static Problem OriginNotAllowed { get; } = New(403, "origin_not_allowed", "Requests from this origin are not allowed.");

    internal static Problem HttpsRequired { get; } = New(403, "https_required", "This service is reached over HTTPS alone.");

    internal static Problem NotFound { get; } = New(404, "not_found", "There is nothing at this path.");

    internal static Problem MethodNotAllowed { get; } = New(405, "method_not_allowed", "This path does not take this method; Allow names those it takes.");

    internal static Problem NotAcceptable { get; } = New(406, "not_acceptable", "Accept must contain application/json and text/event-stream.");

    internal static Problem RequestTimeout { get; } = New(
        408,
        "request_timeout",
        $"The body came too slowly: {RequestTimeouts.Client.TotalSeconds} s are the longest, and {OrionHosting.MinBytesPerSecond} bytes a second the least.");

    internal static Problem PayloadTooLarge { get; } = New(413, "payload_too_large", $"The body must have at most {RequestBodies.MaxBytes / (1024 * 1024)} MiB.");

    internal static Problem UnsupportedMediaType { get; } = New(415, "unsupported_media_type", "The body must be application/json in UTF-8.");

    internal static Problem UnsupportedEncoding { get; } = New(415, "unsupported_media_type", "The body must be sent without a Content-Encoding.");

    internal static Problem MissingBody { get; } = New(400, "malformed_json", "A JSON object is needed as the body.");

    internal static Problem MalformedJson { get; } =
        New(400, "malformed_json", $"The body must be one JSON object in UTF-8, nested at most {RequestBodies.MaxDepth} deep, with each member once.");

    internal static Problem BadRequest { get; } = New(400, "malformed_json", "The request could not be read.");

    internal static Problem InternalError { get; } =
        New(500, "internal_error", "Something went wrong here. The operator finds it in the log by the requestId.");

    internal static Problem Unavailable { get; } =
        New(503, "unavailable", "The service cannot answer now. Nothing was changed as far as it knows; try again.") with { RetryAfterSeconds = 1 };

    /// <summary>The rate limit is exceeded.</summary>
    /// <param name="seconds">The seconds until the window ends.</param>
    internal static Problem RateLimited(int seconds) =>
        New(429, "rate_limited", "Too many requests. Try again when the time in Retry-After is over.") with { RetryAfterSeconds = seconds };

    /// <summary>The problem for an expected failure.</summary>
    internal static Problem From(Error error) => New(Status(error.Kind), error.Code, error.Message) with
    {
        Members = error.Members,
        RetryAfterSeconds = error.RetryAfter is { } wait ? (int)Math.Ceiling(wait.TotalSeconds) : null,
        ReplyId = error.Reply?.Value,
    };

    /// <summary>The problem for a status that was set without a body.</summary>
    internal static Problem FromStatus(int status) => status switch
    {
        400 => BadRequest,
        401 => MissingToken,
        404 => NotFound,
        405 => MethodNotAllowed,
        408 => RequestTimeout,
        413 => PayloadTooLarge,
        415 => UnsupportedMediaType,
        503 => Unavailable,
        < 500 => BadRequest,
        _ => InternalError,
    };

    private static int Status(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => 400,
        ErrorKind.Unauthenticated => 401,
        ErrorKind.Forbidden => 403,
        ErrorKind.NotFound => 404,
        ErrorKind.Conflict => 409,
        ErrorKind.PreconditionFailed => 412,
        ErrorKind.TooLarge => 413,
        ErrorKind.Unprocessable => 422,
        ErrorKind.TooManyRequests => 429,
        ErrorKind.NotImplemented => 501,
        _ => 500,
    };

    private static Problem New(int status, string error, string detail) => new(status, error, ReasonPhrases.GetReasonPhrase(status), detail);
}
