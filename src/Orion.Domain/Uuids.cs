using System.Buffers;

namespace Orion.Domain;

/// <summary>The accepted form of IDs: 36 characters of hex digits and hyphens (RFC 9562, section 4).</summary>
internal static class Uuids
{
    private const int Length = 36;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>Parses an id. The nil UUID is not an id.</summary>
    internal static bool TryParse(string? text, out Guid id)
    {
        id = Guid.Empty;
        // Guid also accepts "0x", "+" and surrounding white space.
        return text is { Length: Length }
            && !text.AsSpan().ContainsAnyExcept(Allowed)
            && Guid.TryParseExact(text, "D", out id)
            && id != Guid.Empty;
    }

    /// <summary>Rejects the nil UUID, so that default(Guid) is never an id.</summary>
    internal static Guid NotNil(Guid id) => id != Guid.Empty ? id : throw new ArgumentException("The nil UUID is not an id.", nameof(id));
}
