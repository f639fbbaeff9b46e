using Microsoft.Extensions.Primitives;

namespace Orion.Api.Cors;

/// <summary>Which pages may call: those whose origin is, octet for octet, one of the list.</summary>
/// <param name="allowed">The origins of the settings, as browsers send them.</param>
/// <param name="own">The origins of the service itself; asked at each miss, because addresses are known only once it listens.</param>
internal sealed class OriginPolicy(IEnumerable<string> allowed, Func<IEnumerable<string>>? own = null)
{
    private readonly string[] _allowed = [.. allowed];

    /// <summary>The one allowed origin that the header names; null where it is anything else.</summary>
    internal string? Allowed(StringValues header)
    {
        if (header is not [{ } origin])
            return null;

        foreach (var candidate in _allowed)
        {
            if (string.Equals(candidate, origin, StringComparison.Ordinal))
                return candidate;
        }

        return own is not null && own().Contains(origin, StringComparer.Ordinal) ? origin : null;
    }
}
