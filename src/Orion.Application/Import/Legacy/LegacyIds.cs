using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Legacy;

/// <summary>
/// Maps legacy ids to Orion's. A UUID does not change. Any other id becomes a UUIDv7 (RFC 9562, section 5.7) from the row's time and,
/// instead of random bits, a hash of the legacy id: each run computes the same id, so that no run creates duplicates.
/// </summary>
internal static class LegacyIds
{
    private const int TimeLength = 6;

    internal static SessionId OfSession(string legacyId, DateTimeOffset createdAt) =>
        SessionId.Parse(legacyId) ?? SessionId.From(Create(createdAt, "session", legacyId, ""));

    internal static MessageId OfMessage(string session, string legacyId, DateTimeOffset createdAt) =>
        MessageId.Parse(legacyId) ?? MessageId.From(Create(createdAt, "message", session, legacyId));

    /// <summary>The ID of a first message without its own row.</summary>
    internal static MessageId OfFirstMessage(string session, DateTimeOffset createdAt) =>
        MessageId.From(Create(createdAt, "first message", session, ""));

    private static Guid Create(DateTimeOffset at, string kind, string session, string id)
    {
        // NUL separates the parts unambiguously: PostgreSQL's texts never contain it.
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
