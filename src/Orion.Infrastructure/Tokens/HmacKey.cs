using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Orion.Infrastructure.Tokens;

/// <summary>
/// A key for HMAC-SHA-256. It reuses its keyed hashes, because with OpenSSL, creating one takes longer than hashing a token. Thread-safe.
/// </summary>
internal sealed class HmacKey(byte[] key)
{
    // As many as threads have signed at once.
    private readonly ConcurrentQueue<IncrementalHash> _hashes = new();

    /// <summary>Writes the HMAC of the data: <see cref="HMACSHA256.HashSizeInBytes"/> bytes.</summary>
    internal void Sign(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        if (!_hashes.TryDequeue(out var hash)) hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(data);
        hash.GetHashAndReset(destination);
        _hashes.Enqueue(hash);
    }
}
