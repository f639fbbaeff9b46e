using System.Globalization;
using Microsoft.Extensions.Primitives;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.RateLimiting;

/// <summary>
/// The headers of draft-ietf-httpapi-ratelimit-headers: <c>q</c> requests in <c>w</c> seconds, <c>r</c> remaining, <c>t</c> seconds until
/// the window ends.
/// </summary>
internal sealed class RateLimitHeaders(RateLimitSettings settings)
{
    private readonly StringValues _addressPolicy = Policy(settings.MaxRequests, settings.Window);
    private readonly StringValues _userPolicy = Policy(settings.UserMaxRequests, settings.Window);

    /// <summary>Adds both headers to a response that has not started.</summary>
    internal void Apply(IHeaderDictionary headers, RateLimitPartitionKind kind, RateLimitResult result)
    {
        headers["RateLimit-Policy"] = kind == RateLimitPartitionKind.Address ? _addressPolicy : _userPolicy;
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"default\";r={result.Remaining};t={result.ResetSeconds}");
    }

    private static string Policy(int limit, TimeSpan window) =>
        string.Create(CultureInfo.InvariantCulture, $"\"default\";q={limit};w={(long)window.TotalSeconds}");
}
