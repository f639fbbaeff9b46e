using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Orion.Infrastructure.Tokens;

/// <summary>The three parts of a token in compact form (RFC 7515, section 3.1). Each is canonical base64url, still encoded.</summary>
internal readonly ref struct JwtParts
{
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    // If a part ends with one byte, its last character has two bits of it; if it ends with two bytes, four bits. The other bits must
    // be zero, or a token would have several spellings (RFC 4648, section 3.5).
    private static readonly SearchValues<char> EndsOneByte = SearchValues.Create("AQgw");
    private static readonly SearchValues<char> EndsTwoBytes = SearchValues.Create("AEIMQUYcgkosw048");

    private JwtParts(ReadOnlySpan<char> header, ReadOnlySpan<char> claims, ReadOnlySpan<char> signature, ReadOnlySpan<char> signed)
    {
        Header = header;
        Claims = claims;
        Signature = signature;
        Signed = signed;
    }

    internal ReadOnlySpan<char> Header { get; }

    internal ReadOnlySpan<char> Claims { get; }

    internal ReadOnlySpan<char> Signature { get; }

    /// <summary>The text that is signed: the first part, the dot and the second part.</summary>
    internal ReadOnlySpan<char> Signed { get; }

    /// <summary>Splits a token; false unless it has exactly three parts, each of them canonical and not empty.</summary>
    internal static bool TrySplit(ReadOnlySpan<char> token, out JwtParts parts)
    {
        parts = default;
        var first = token.IndexOf('.');
        var last = token.LastIndexOf('.');
        if (first == last) return false;

        var header = token[..first];
        var claims = token[(first + 1)..last];
        var signature = token[(last + 1)..];
        // A third dot would be in the claims, where the alphabet does not allow it.
        if (!IsCanonical(header) || !IsCanonical(claims) || !IsCanonical(signature)) return false;

        parts = new JwtParts(header, claims, signature, token[..last]);
        return true;
    }

    /// <summary>Decodes a part into a buffer of at least its length.</summary>
    internal static ReadOnlySpan<byte> Decode(ReadOnlySpan<char> part, Span<byte> buffer) =>
        buffer[..Base64Url.DecodeFromChars(part, buffer)];

    /// <summary>Copies the signed bytes into a buffer of at least their length.</summary>
    internal ReadOnlySpan<byte> CopySigned(Span<byte> buffer) => buffer[..Encoding.ASCII.GetBytes(Signed, buffer)];

    // The framework's decoder also accepts padding and white space, so the characters are checked first.
    private static bool IsCanonical(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part.ContainsAnyExcept(Alphabet)) return false;
        return (part.Length % 4) switch
        {
            0 => true,
            2 => EndsOneByte.Contains(part[^1]),
            3 => EndsTwoBytes.Contains(part[^1]),
            _ => false,
        };
    }
}
