using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Legacy;

/// <summary>
/// The ids of what the old service called otherwise. One that is a UUID is kept; for the rest a UUIDv7 (RFC 9562, section 5.7) is made of
/// the row's time and, in place of randomness, a digest of its old id: each run makes the same, so that none doubles anything.
/// </summary>
internal static class LegacyIds
{
    private const int TimeLength = 6;

    internal static SessionId OfSession(string old, DateTimeOffset createdAt) =>
        SessionId.Parse(old) ?? SessionId.From(Made(createdAt, "session", old, ""));

    internal static MessageId OfMessage(string session, string old, DateTimeOffset createdAt) =>
        MessageId.Parse(old) ?? MessageId.From(Made(createdAt, "message", session, old));

    /// <summary>The id of a first message that has no row of its own.</summary>
    internal static MessageId OfFirstMessage(string session, DateTimeOffset createdAt) =>
        MessageId.From(Made(createdAt, "first message", session, ""));

    private static Guid Made(DateTimeOffset at, string kind, string session, string id)
    {
        // Old ids come out of PostgreSQL, which has no NUL: it cannot stand inside of one.
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"orion import\0{kind}\0{session}\0{id}"), digest);

        Span<byte> bytes = stackalloc byte[16];
        digest[..bytes.Length].CopyTo(bytes);
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, Math.Max(0, at.ToUnixTimeMilliseconds()));
        time[^TimeLength..].CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
