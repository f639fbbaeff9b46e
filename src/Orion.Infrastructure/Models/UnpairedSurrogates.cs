using System.Globalization;
using System.Text;
using Orion.Domain.Text;

namespace Orion.Infrastructure.Models;

/// <summary>
/// Carries unpaired surrogates through a JSON parser that rejects them. A provider that cuts its text between UTF-16 code units writes one
/// half of a pair at the end of a piece, and the other half at the beginning of the next one. In between, the escape is that of the
/// noncharacter U+FDD0 and of a private-use character.
/// </summary>
internal static class UnpairedSurrogates
{
    private const char Marker = '\ufdd0';
    private const int Shift = '\ue000' - '\ud800';
    private const int EscapeLength = 6;

    /// <summary>Rewrites the escapes of unpaired surrogates in JSON texts.</summary>
    public static ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> json)
    {
        var at = TextRules.IndexOfUnpairedEscape(json.Span);
        if (at < 0) return json;

        var encoded = new MemoryStream(json.Length + 64);
        var start = 0;
        for (; at >= 0; at = TextRules.IndexOfUnpairedEscape(json.Span, start))
        {
            encoded.Write(json.Span[start..at]);
            start = at + EscapeLength;
            var unit = ushort.Parse(json.Span[(at + 2)..start], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            encoded.Write(Encoding.ASCII.GetBytes($@"\u{(int)Marker:x4}\u{unit + Shift:x4}"));
        }

        encoded.Write(json.Span[start..]);
        return encoded.ToArray();
    }

    /// <summary>Restores the surrogates in a text that the parser has read.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains(Marker, StringComparison.Ordinal)) return text;
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isEncoded = text[i] == Marker && i + 1 < text.Length && char.IsSurrogate((char)(text[i + 1] - Shift));
            decoded.Append(isEncoded ? (char)(text[++i] - Shift) : text[i]);
        }

        return decoded.ToString();
    }
}
