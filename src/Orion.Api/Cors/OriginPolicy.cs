using Microsoft.Extensions.Primitives;

namespace Orion.Api.Cors;

/// <summary>The allowed origins, compared byte for byte.</summary>
/// <param name="allowed">The origins of the settings, as browsers send them.</param>
/// <param name="listening">
/// The origins of the service itself; null where they are not allowed. Read on each miss, because the addresses are known only once the
/// server listens.
/// </param>
internal sealed class OriginPolicy(IEnumerable<string> allowed, Func<IEnumerable<string>>? listening = null)
{
    private readonly string[] _allowed = [.. allowed];

    /// <summary>Returns the allowed origin that the <c>Origin</c> header names; null for any other value.</summary>
    internal string? Find(StringValues header)
    {
        if (header is not [{ } origin])
            return null;

        foreach (var candidate in _allowed)
        {
            if (string.Equals(candidate, origin, StringComparison.Ordinal))
                return candidate;
        }

        return listening is not null && listening().Contains(origin, StringComparer.Ordinal) ? origin : null;
    }
}
