using System.Security.Cryptography;

namespace Orion.Api.Http;

/// <summary>Creates request ids: 96 random bits as 24 lower-case hex digits.</summary>
internal static class RequestIds
{
    private const int IdBytes = 12;
    private const int StoreBytes = 64 * IdBytes;

    // One call of the random number generator costs as much for 64 ids as for one.
    [ThreadStatic]
    private static byte[]? _store;

    [ThreadStatic]
    private static int _left;

    internal static string New()
    {
        var store = _store ??= new byte[StoreBytes];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(store);
            _left = StoreBytes;
        }

        _left -= IdBytes;
        return Convert.ToHexStringLower(store.AsSpan(_left, IdBytes));
    }
}
