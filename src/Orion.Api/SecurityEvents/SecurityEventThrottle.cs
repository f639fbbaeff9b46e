using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using Orion.Api.RateLimiting;
using Orion.Infrastructure.Configuration;

namespace Orion.Api.SecurityEvents;

/// <summary>What was refused; each kind is told apart when repeated refusals are left out of the log.</summary>
internal enum Refusal
{
    Token,
    NotAuthorized,
    Scope,
    Origin,
    Limit,
    Https,
    Memory,
}

/// <summary>What an operator may have to change so that clients behind proxies are told apart.</summary>
internal enum ProxyAdvice
{
    /// <summary>The peer forwards, and is not trusted.</summary>
    Untrusted,

    /// <summary>The peer is trusted, and its <c>X-Forwarded-For</c> cannot be read.</summary>
    UnreadableFor,

    /// <summary>The peer is trusted, and its <c>X-Forwarded-Proto</c> cannot be read.</summary>
    UnreadableProto,

    /// <summary>The address has used up its budget, and may be a proxy's that forwards for many.</summary>
    SharedBudget,
}

/// <summary>
/// Says which refusals are lines: of those of one kind and detail from one address the first in each rate-limit window, so that nobody
/// fills a disk by being refused. An address is what a budget's is: of IPv6 the first 56 bits.
/// </summary>
internal sealed class SecurityEventThrottle(RateLimitSettings settings, TimeProvider time)
{
    /// <summary>How many addresses are told apart for each kind; those beyond share a line.</summary>
    internal const int MaxAddresses = 10_000;

    /// <summary>How many peers are ever named for each kind of advice.</summary>
    internal const int MaxPeers = 100;

    // A table for each kind, so that a flood of one kind cannot hide the first of another.
    private readonly FrozenDictionary<Refusal, WindowTable<Key>> _lines = Enum.GetValues<Refusal>().ToFrozenDictionary(
        kind => kind,
        _ => new WindowTable<Key>(WindowRule.For(budget: 1, settings.Window, time), time, MaxAddresses));

    private readonly FrozenDictionary<ProxyAdvice, ConcurrentDictionary<IPAddress, bool>> _advised = Enum.GetValues<ProxyAdvice>().ToFrozenDictionary(
        kind => kind,
        _ => new ConcurrentDictionary<IPAddress, bool>());

    /// <summary>Whether this refusal is a line.</summary>
    /// <param name="detail">One of a fixed few, where the kind has such; never a client's text.</param>
    internal bool IsFirst(Refusal kind, IPAddress? address, string? detail = null) =>
        _lines[kind].Take(new Key(RateLimitPartition.Of(address), detail)).Allowed;

    /// <summary>Whether the operator is to be told this about a peer: once for ever, and of a bounded number of peers.</summary>
    internal bool IsFirst(ProxyAdvice kind, IPAddress peer)
    {
        var advised = _advised[kind];
        return !advised.ContainsKey(peer) && advised.Count < MaxPeers && advised.TryAdd(peer, true);
    }

    private readonly record struct Key(RateLimitPartition Address, string? Detail);
}
