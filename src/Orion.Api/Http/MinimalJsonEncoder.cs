using System.Buffers;
using System.Text.Encodings.Web;

namespace Orion.Api.Http;

/// <summary>
/// Escapes only what RFC 8259, section 7 requires, so that a text is returned as it was received. The framework's most relaxed encoder
/// also escapes all characters outside of the basic multilingual plane. Responses are JSON and never part of a page.
/// </summary>
internal sealed class MinimalJsonEncoder : JavaScriptEncoder
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '"', '\\']);
    private static readonly SearchValues<byte> EscapedUtf8 = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (byte)c), (byte)'"', (byte)'\\']);

    internal static MinimalJsonEncoder Instance { get; } = new();

    /// <summary>As in <c>\u0001</c>.</summary>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or '"' or '\\';

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength) =>
        new ReadOnlySpan<char>(text, textLength).IndexOfAny(Escaped);

    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text) => utf8Text.IndexOfAny(EscapedUtf8);

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        ReadOnlySpan<char> escape = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\b' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\f' => "\\f",
            '\r' => "\\r",
            _ => ['\\', 'u', '0', '0', (char)('0' + (unicodeScalar >> 4)), "0123456789abcdef"[unicodeScalar & 0xf]],
        };
        numberOfCharactersWritten = escape.TryCopyTo(new Span<char>(buffer, bufferLength)) ? escape.Length : 0;
        return numberOfCharactersWritten > 0;
    }
}
