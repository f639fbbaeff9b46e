namespace Orion.Api.Errors;

/// <summary>The refusals of the protections, which come before any route is asked.</summary>
internal static class Problems
{
    /// <summary>The page that calls is none of those that may.</summary>
    internal static readonly Problem OriginNotAllowed = new(
        StatusCodes.Status403Forbidden,
        "origin_not_allowed",
        "Forbidden",
        "Pages of this origin may not call Orion. Its operator can add the origin to ALLOWED_ORIGINS.");

    /// <summary>The request came over plain HTTP.</summary>
    internal static readonly Problem HttpsRequired = new(
        StatusCodes.Status403Forbidden,
        "https_required",
        "Forbidden",
        "Orion answers over HTTPS only. Send the request again to the https address.");

    /// <summary>The budget of the window is used up.</summary>
    /// <param name="seconds">The whole seconds until the next window.</param>
    internal static Problem RateLimited(int seconds) => new(
        StatusCodes.Status429TooManyRequests,
        "rate_limited",
        "Too Many Requests",
        "The budget of requests is used up for now. Send the request again when the time in Retry-After is over.")
    {
        RetryAfterSeconds = seconds,
    };
}
