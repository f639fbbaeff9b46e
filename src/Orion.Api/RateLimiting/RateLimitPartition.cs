using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Orion.Domain.Users;

namespace Orion.Api.RateLimiting;

/// <summary>What kind of budget it is.</summary>
internal enum RateLimitPartitionKind
{
    /// <summary>A client address's.</summary>
    Address,

    /// <summary>An authorized user's, with user tokens.</summary>
    User,

    /// <summary>An authorized user's, with session tokens.</summary>
    SessionToken,
}

/// <summary>Which budget it is, without an allocation.</summary>
internal readonly struct RateLimitPartition : IEquatable<RateLimitPartition>
{
    private const int IPv6Length = 16;
    private const ulong Provider56 = 0xFFFF_FFFF_FFFF_FF00;

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

    /// <summary>The kind of budget.</summary>
    internal RateLimitPartitionKind Kind { get; }

    /// <summary>The budget of an authorized user.</summary>
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
    /// The budget of a client address: IPv4, IPv4-mapped and translated by NAT64 being IPv4; of IPv6 the first 56 bits, because that is
    /// the least that a household gets (RIPE 690). Requests without an address (a Unix socket) have one budget between them.
    /// </summary>
    internal static RateLimitPartition Of(IPAddress? address)
    {
        if (address is null)
            return new RateLimitPartition(RateLimitPartitionKind.Address, high: 0, low: ulong.MaxValue);

        Span<byte> bytes = stackalloc byte[IPv6Length];
        address.TryWriteBytes(bytes, out var length);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6 && !IsNat64(bytes))
            return new RateLimitPartition(RateLimitPartitionKind.Address, BinaryPrimitives.ReadUInt64BigEndian(bytes) & Provider56, low: 1);

        // The same last four bytes in all three forms. IPv4's low half is 0, IPv6's is 1.
        return new RateLimitPartition(RateLimitPartitionKind.Address, BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - sizeof(uint))..]), low: 0);
    }

    private static bool IsNat64(ReadOnlySpan<byte> address)
    {
        var prefix = BinaryPrimitives.ReadUInt64BigEndian(address);
        return (prefix == Nat64 || prefix >> 16 == LocalNat64) && BinaryPrimitives.ReadUInt32BigEndian(address[sizeof(ulong)..]) == 0;
    }

    public bool Equals(RateLimitPartition other) => _high == other._high && _low == other._low && Kind == other.Kind;

    public override bool Equals(object? obj) => obj is RateLimitPartition other && Equals(other);

    // HashCode is seeded anew in each process, so that nobody can choose addresses that collide.
    public override int GetHashCode() => HashCode.Combine(_high, _low, (int)Kind);
}
