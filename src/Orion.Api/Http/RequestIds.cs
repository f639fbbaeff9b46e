using System.Security.Cryptography;

namespace Orion.Api.Http;

/// <summary>Creates request ids: 96 random bits as 24 lower-case hex digits.</summary>
internal static class RequestIds
{
    private const int IdBytes = 12;
    private const int BufferBytes = 64 * IdBytes;

    // One call of the random number generator costs as much for 64 ids as for one.
    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _remaining;

    internal static string New()
    {
        var random = _random ??= new byte[BufferBytes];
        if (_remaining == 0)
        {
            RandomNumberGenerator.Fill(random);
            _remaining = BufferBytes;
        }

        _remaining -= IdBytes;
        return Convert.ToHexStringLower(random.AsSpan(_remaining, IdBytes));
    }
}
