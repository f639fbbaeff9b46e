using System.Globalization;
using Microsoft.Extensions.Primitives;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.RateLimiting;

/// <summary>
/// Tells a client its budget (draft-ietf-httpapi-ratelimit-headers: <c>q</c> requests in <c>w</c> seconds, <c>r</c> left, <c>t</c>
/// seconds until there are more).
/// </summary>
internal sealed class RateLimitHeaders(RateLimitSettings settings)
{
    internal const string Policy = "RateLimit-Policy";
    internal const string Left = "RateLimit";

    // Two numbers of ten digits, and what stands around them.
    private const int MaxLength = 40;

    private readonly StringValues _addressPolicy = PolicyOf(settings.MaxRequests, settings.Window);
    private readonly StringValues _userPolicy = PolicyOf(settings.UserMaxRequests, settings.Window);

    /// <summary>Puts both headers onto a response that has not started.</summary>
    internal void Apply(IHeaderDictionary headers, RateLimitPartitionKind kind, RateLimitResult taken)
    {
        headers[Policy] = kind == RateLimitPartitionKind.Address ? _addressPolicy : _userPolicy;
        headers[Left] = string.Create(
            CultureInfo.InvariantCulture,
            stackalloc char[MaxLength],
            $"\"default\";r={taken.Left};t={taken.ResetsIn}");
    }

    private static string PolicyOf(int budget, TimeSpan window) =>
        string.Create(CultureInfo.InvariantCulture, $"\"default\";q={budget};w={(long)window.TotalSeconds}");
}
