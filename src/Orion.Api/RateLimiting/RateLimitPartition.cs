using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Orion.Domain.Users;

namespace Orion.Api.RateLimiting;

/// <summary>What a rate limit applies to.</summary>
internal enum RateLimitPartitionKind
{
    /// <summary>A client address.</summary>
    Address,

    /// <summary>The user tokens of an authorized user.</summary>
    User,

    /// <summary>The session tokens of an authorized user.</summary>
    SessionToken,
}

/// <summary>The requests that count together: the key of a window, built without an allocation.</summary>
internal readonly struct RateLimitPartition : IEquatable<RateLimitPartition>
{
    private const int IPv6Length = 16;
    private const ulong First56Bits = 0xFFFF_FFFF_FFFF_FF00;

    // 64:ff9b::/96 (RFC 6052, section 2.1) and 64:ff9b:1::/48 (RFC 8215).
    private const ulong Nat64 = 0x0064_FF9B_0000_0000;
    private const ulong LocalNat64 = 0x0064_FF9B_0001;

    private readonly ulong _high;
    private readonly ulong _low;

    private RateLimitPartition(RateLimitPartitionKind kind, ulong high, ulong low)
    {
        Kind = kind;
        _high = high;
        _low = low;
    }

    /// <summary>The length of the bytes that identify a partition.</summary>
    internal const int Length = 1 + (2 * sizeof(ulong));

    internal RateLimitPartitionKind Kind { get; }

    /// <summary>Writes the bytes that identify the partition, the same in every process.</summary>
    internal void CopyTo(Span<byte> bytes)
    {
        bytes[0] = (byte)Kind;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[1..], _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[(1 + sizeof(ulong))..], _low);
    }

    /// <summary>The partition of an authorized user.</summary>
    internal static RateLimitPartition Of(UserId user, bool sessionToken)
    {
        var id = user.Value;
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<Guid>(ref id));
        return new RateLimitPartition(
            sessionToken ? RateLimitPartitionKind.SessionToken : RateLimitPartitionKind.User,
            MemoryMarshal.Read<ulong>(bytes),
            MemoryMarshal.Read<ulong>(bytes[sizeof(ulong)..]));
    }

    /// <summary>
    /// The partition of a client address. IPv4-mapped and NAT64 addresses count as IPv4. IPv6 addresses count by their first 56 bits,
    /// the smallest prefix that a provider should assign to a household (RIPE 690). Requests without an address (a Unix socket) share
    /// one partition.
    /// </summary>
    internal static RateLimitPartition Of(IPAddress? address)
    {
        if (address is null)
            return new RateLimitPartition(RateLimitPartitionKind.Address, high: 0, low: ulong.MaxValue);

        Span<byte> bytes = stackalloc byte[IPv6Length];
        address.TryWriteBytes(bytes, out var length);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6 && !IsNat64(bytes))
            return new RateLimitPartition(RateLimitPartitionKind.Address, BinaryPrimitives.ReadUInt64BigEndian(bytes) & First56Bits, low: 1);

        // All three forms end with the four bytes of the IPv4 address. The low half is 0 for IPv4 and 1 for IPv6.
        return new RateLimitPartition(RateLimitPartitionKind.Address, BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - sizeof(uint))..]), low: 0);
    }

    private static bool IsNat64(ReadOnlySpan<byte> address)
    {
        var prefix = BinaryPrimitives.ReadUInt64BigEndian(address);
        return (prefix == Nat64 || prefix >> 16 == LocalNat64) && BinaryPrimitives.ReadUInt32BigEndian(address[sizeof(ulong)..]) == 0;
    }

    public bool Equals(RateLimitPartition other) => _high == other._high && _low == other._low && Kind == other.Kind;

    public override bool Equals(object? obj) => obj is RateLimitPartition other && Equals(other);

    // HashCode has a random seed per process, so a client cannot choose addresses that collide.
    public override int GetHashCode() => HashCode.Combine(_high, _low, (int)Kind);
}
