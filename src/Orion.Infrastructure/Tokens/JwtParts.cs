using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Orion.Infrastructure.Tokens;

/// <summary>The three parts of a token in compact form (RFC 7515, section 3.1), each canonical base64url, still encoded.</summary>
internal readonly ref struct JwtParts
{
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    // The last character of a part that ends with one byte holds two bits of it, of a part that ends with two bytes four bits;
    // the bits behind them must be zero, or one token had many spellings (RFC 4648, section 3.5).
    private static readonly SearchValues<char> EndsOneByte = SearchValues.Create("AQgw");
    private static readonly SearchValues<char> EndsTwoBytes = SearchValues.Create("AEIMQUYcgkosw048");

    private JwtParts(ReadOnlySpan<char> header, ReadOnlySpan<char> claims, ReadOnlySpan<char> signature, ReadOnlySpan<char> signed)
    {
        Header = header;
        Claims = claims;
        Signature = signature;
        Signed = signed;
    }

    /// <summary>The first part.</summary>
    internal ReadOnlySpan<char> Header { get; }

    /// <summary>The second part.</summary>
    internal ReadOnlySpan<char> Claims { get; }

    /// <summary>The third part.</summary>
    internal ReadOnlySpan<char> Signature { get; }

    /// <summary>What the signature is made of: the first part, the dot and the second part.</summary>
    internal ReadOnlySpan<char> Signed { get; }

    /// <summary>Splits a token; false where it has not exactly three parts or one of them is empty or not canonical.</summary>
    internal static bool TrySplit(ReadOnlySpan<char> token, out JwtParts parts)
    {
        parts = default;
        var first = token.IndexOf('.');
        var last = token.LastIndexOf('.');
        if (first == last) return false;

        var header = token[..first];
        var claims = token[(first + 1)..last];
        var signature = token[(last + 1)..];
        // A third dot would be a character of the claims that is none of base64url.
        if (!IsCanonical(header) || !IsCanonical(claims) || !IsCanonical(signature)) return false;

        parts = new JwtParts(header, claims, signature, token[..last]);
        return true;
    }

    /// <summary>Decodes a part into a buffer of at least its length.</summary>
    internal static ReadOnlySpan<byte> Decode(ReadOnlySpan<char> part, Span<byte> buffer) =>
        buffer[..Base64Url.DecodeFromChars(part, buffer)];

    /// <summary>The bytes that the signature is made of, in a buffer of at least their length.</summary>
    internal ReadOnlySpan<byte> CopySigned(Span<byte> buffer) => buffer[..Encoding.ASCII.GetBytes(Signed, buffer)];

    // The framework's decoder also takes padding and white space, so that the characters are checked here, before it.
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
