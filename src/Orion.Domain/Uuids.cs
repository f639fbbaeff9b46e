using System.Buffers;

namespace Orion.Domain;

/// <summary>The one spelling of ids: 36 characters of hex and hyphens (RFC 9562, section 4).</summary>
internal static class Uuids
{
    private const int Length = 36;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>Reads the spelling; the nil UUID is no id.</summary>
    internal static bool TryParse(string? text, out Guid id)
    {
        id = Guid.Empty;
        // Guid's own reader also takes "0x" and "+" inside and blanks around.
        return text is { Length: Length }
            && !text.AsSpan().ContainsAnyExcept(Allowed)
            && Guid.TryParseExact(text, "D", out id)
            && id != Guid.Empty;
    }

    /// <summary>Refuses the nil UUID, so that a forgotten id cannot pass for one.</summary>
    internal static Guid NotNil(Guid id) => id != Guid.Empty ? id : throw new ArgumentException("The nil UUID is no id.", nameof(id));
}
