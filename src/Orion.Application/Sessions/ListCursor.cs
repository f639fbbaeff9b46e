using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Orion.Application.Search;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>
/// The text form of a position in a list: the position and a digest of the list's order and filter, in base64url. It is neither a secret
/// nor a permission: the owner of the rows is never read from it.
/// </summary>
public static class ListCursor
{
    private const int DigestLength = 16;
    private const int SessionPositionLength = sizeof(long) + 16;
    private const int MessagePositionLength = sizeof(int);
    private const int SearchPositionLength = SessionPositionLength + sizeof(int);

    /// <summary>The longest cursor, in characters. Today's cursors are shorter.</summary>
    public const int MaxLength = 256;

    internal static string Write(SessionList list, SessionPosition position)
    {
        Span<byte> bytes = stackalloc byte[DigestLength + SessionPositionLength];
        Digest(list, bytes[..DigestLength]);
        Write(position, bytes[DigestLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    internal static string Write(MessageList list, int sequence)
    {
        Span<byte> bytes = stackalloc byte[DigestLength + MessagePositionLength];
        Digest(list, bytes[..DigestLength]);
        BinaryPrimitives.WriteInt32BigEndian(bytes[DigestLength..], sequence);
        return Base64Url.EncodeToString(bytes);
    }

    internal static string Write(SearchList list, SearchPosition position)
    {
        Span<byte> bytes = stackalloc byte[DigestLength + SearchPositionLength];
        Digest(list, bytes[..DigestLength]);
        Write(new SessionPosition(position.At, position.Session), bytes[DigestLength..]);
        BinaryPrimitives.WriteInt32BigEndian(bytes[(DigestLength + SessionPositionLength)..], position.Sequence);
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>The position; null if the text is malformed or belongs to another list.</returns>
    internal static SessionPosition? Read(string cursor, SessionList list)
    {
        Span<byte> bytes = stackalloc byte[DigestLength + SessionPositionLength];
        return TryDecode(cursor, bytes) && IsOf(list, bytes) ? ReadSession(bytes[DigestLength..]) : null;
    }

    /// <returns>The sequence; null if the text is malformed or belongs to another list.</returns>
    internal static int? Read(string cursor, MessageList list)
    {
        Span<byte> bytes = stackalloc byte[DigestLength + MessagePositionLength];
        if (!TryDecode(cursor, bytes) || !IsOf(list, bytes)) return null;
        var sequence = BinaryPrimitives.ReadInt32BigEndian(bytes[DigestLength..]);
        return sequence > 0 ? sequence : null;
    }

    /// <returns>The position; null if the text is malformed or belongs to another search.</returns>
    internal static SearchPosition? Read(string cursor, SearchList list)
    {
        Span<byte> bytes = stackalloc byte[DigestLength + SearchPositionLength];
        if (!TryDecode(cursor, bytes) || !IsOf(list, bytes)) return null;
        var sequence = BinaryPrimitives.ReadInt32BigEndian(bytes[(DigestLength + SessionPositionLength)..]);
        return sequence >= 0 && ReadSession(bytes[DigestLength..]) is { } session ? new SearchPosition(session.At, session.Id, sequence) : null;
    }

    private static void Write(SessionPosition position, Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, position.At.UtcTicks);
        position.Id.Value.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
    }

    private static SessionPosition? ReadSession(ReadOnlySpan<byte> bytes)
    {
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var id = new Guid(bytes.Slice(sizeof(long), 16), bigEndian: true);
        var isPosition = ticks >= DateTimeOffset.MinValue.Ticks && ticks <= DateTimeOffset.MaxValue.Ticks && id != Guid.Empty;
        return isPosition ? new SessionPosition(new DateTimeOffset(ticks, TimeSpan.Zero), SessionId.From(id)) : null;
    }

    private static bool IsOf<TList>(TList list, ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[DigestLength];
        Digest(list, digest);
        return digest.SequenceEqual(bytes[..DigestLength]);
    }

    // Each position has exactly one text: the decoded bytes must encode to the same text.
    private static bool TryDecode(string cursor, Span<byte> bytes) =>
        cursor.Length == Base64Url.GetEncodedLength(bytes.Length)
        && Base64Url.DecodeFromChars(cursor, bytes, out _, out var written) == OperationStatus.Done
        && written == bytes.Length
        && Base64Url.EncodeToString(bytes) == cursor;

    // All members of the list, so that a new filter is part of the digest by itself.
    private static void Digest<TList>(TList list, Span<byte> digest)
    {
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(KeyValuePair.Create(typeof(TList).Name, list)), whole);
        whole[..DigestLength].CopyTo(digest);
    }
}
