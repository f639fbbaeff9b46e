using System.Globalization;
using Microsoft.Net.Http.Headers;
using Orion.Application.Sessions;

namespace Orion.Api.Http;

/// <summary>Reads the condition of a change (RFC 9110, section 13.1.1).</summary>
internal static class IfMatchHeader
{
    /// <summary>The versions that If-Match names; a condition that cannot be read names none, and so is not met.</summary>
    internal static ExpectedVersions Read(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0) return ExpectedVersions.Any;

        var versions = new List<long>();
        if (EntityTagHeaderValue.TryParseStrictList(header.ToArray()!, out var tags))
        {
            foreach (var tag in tags)
            {
                // "*" counts only by itself: a list that contains it is malformed.
                if (tag == EntityTagHeaderValue.Any) return tags.Count == 1 ? ExpectedVersions.Any : new ExpectedVersions([]);
                // A weak tag means the same: proxies that compress make W/"3" of "3", and a version names all of a session.
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
