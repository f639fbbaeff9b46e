using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using Orion.Api.RateLimiting;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.SecurityEvents;

/// <summary>Why a request was rejected. Each kind has its own counter and its own limit on log lines.</summary>
internal enum SecurityEventKind
{
    TokenRejected,
    NotAuthorized,
    InsufficientScope,
    OriginRejected,
    RateLimited,
    HttpsRequired,
    Overloaded,
}

/// <summary>What an operator may have to change so that Orion sees the clients behind a proxy.</summary>
internal enum ProxyWarning
{
    /// <summary>The peer sends forwarded headers, and is not trusted.</summary>
    UntrustedPeer,

    /// <summary>The peer is trusted, and its <c>X-Forwarded-For</c> is malformed.</summary>
    MalformedFor,

    /// <summary>The peer is trusted, and its <c>X-Forwarded-Proto</c> is malformed.</summary>
    MalformedProto,

    /// <summary>The address has exceeded its rate limit, and may be a proxy with many clients.</summary>
    SharedRateLimit,
}

/// <summary>
/// Limits the log lines about rejected requests, so that a client cannot fill the disk. Addresses are compared as the rate limit compares
/// them: IPv6 by the first 56 bits.
/// </summary>
internal sealed class SecurityEventThrottle(RateLimitSettings settings, TimeProvider time)
{
    /// <summary>How many addresses of each kind have lines of their own; further addresses share one.</summary>
    internal const int MaxAddresses = 10_000;

    /// <summary>How many peers each proxy warning ever names.</summary>
    internal const int MaxPeers = 100;

    // One counter for each kind, so that many events of one kind cannot hide the first event of another.
    private readonly FrozenDictionary<SecurityEventKind, FixedWindowCounter<Key>> _events = Enum.GetValues<SecurityEventKind>().ToFrozenDictionary(
        kind => kind,
        _ => new FixedWindowCounter<Key>(limit: 1, settings.Window, time, MaxAddresses));

    private readonly FrozenDictionary<ProxyWarning, ConcurrentDictionary<IPAddress, bool>> _warnedPeers = Enum.GetValues<ProxyWarning>().ToFrozenDictionary(
        warning => warning,
        _ => new ConcurrentDictionary<IPAddress, bool>());

    /// <summary>Whether this is the first event of its kind and detail from the address in this rate-limit window.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="address">The client address.</param>
    /// <param name="detail">One of a fixed list; never a text of a client.</param>
    internal bool IsFirstInWindow(SecurityEventKind kind, IPAddress? address, string? detail = null) =>
        _events[kind].Acquire(new Key(RateLimitPartition.Of(address), detail)).IsAllowed;

    /// <summary>Whether the warning about the peer has never been logged, and the log has not named <see cref="MaxPeers"/> others.</summary>
    internal bool IsFirstEver(ProxyWarning warning, IPAddress peer)
    {
        var peers = _warnedPeers[warning];
        return !peers.ContainsKey(peer) && peers.Count < MaxPeers && peers.TryAdd(peer, true);
    }

    private readonly record struct Key(RateLimitPartition Address, string? Detail);
}
