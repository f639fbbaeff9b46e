using System.Buffers;
using System.Text;

namespace Orion.Application.Sessions;

/// <summary>
/// The size of a response. Each view counts its own size, so that a page can end before it is too large.
/// </summary>
public static class ResponseSize
{
    /// <summary>The largest response, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The largest total size of the items of a page, in bytes. The rest is for the other members, such as the cursor.</summary>
    public const int MaxItemBytes = MaxBytes - 512;

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '"', '\\']);

    /// <summary>The length of a UUID without quotes.</summary>
    internal const int Uuid = 36;

    /// <summary>The length of an instant without quotes.</summary>
    internal const int Instant = 27;

    /// <summary>The size of a text without quotes. The escapes of RFC 8259, section 7, are two characters such as \n, or six such as \u0001.</summary>
    internal static int Text(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        var rest = text.AsSpan();
        for (var next = rest.IndexOfAny(Escaped); next >= 0; next = rest.IndexOfAny(Escaped))
        {
            bytes += rest[next] is '"' or '\\' or '\b' or '\t' or '\n' or '\f' or '\r' ? 1 : 5;
            rest = rest[(next + 1)..];
        }

        return bytes;
    }

    /// <summary>The length of a number that is not negative.</summary>
    internal static int Number(long number)
    {
        var digits = 1;
        while ((number /= 10) != 0) digits++;
        return digits;
    }
}
