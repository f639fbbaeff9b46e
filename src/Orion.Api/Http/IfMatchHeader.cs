using System.Globalization;
using Microsoft.Net.Http.Headers;
using Orion.Application.Sessions;

namespace Orion.Api.Http;

/// <summary>Reads <c>If-Match</c> (RFC 9110, section 13.1.1).</summary>
internal static class IfMatchHeader
{
    /// <summary>The versions in If-Match. A malformed header has none, so it never matches.</summary>
    internal static ExpectedVersions Read(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0) return ExpectedVersions.Any;

        var versions = new List<long>();
        if (EntityTagHeaderValue.TryParseStrictList(header.ToArray()!, out var tags))
        {
            foreach (var tag in tags)
            {
                // A list that contains "*" is malformed.
                if (tag == EntityTagHeaderValue.Any) return tags.Count == 1 ? ExpectedVersions.Any : new ExpectedVersions([]);
                // A weak tag is compared as a strong one: proxies that compress responses change "3" to W/"3".
                if (Version(tag) is { } version) versions.Add(version);
            }
        }

        return new ExpectedVersions(versions);
    }

    private static long? Version(EntityTagHeaderValue tag) =>
        long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        && tag.Tag.Equals(string.Create(CultureInfo.InvariantCulture, $"\"{version}\""), StringComparison.Ordinal)
            ? version
            : null;
}
