using System.Collections.Concurrent;
using Orion.Application.Messaging;
using Orion.Domain.Users;

namespace Orion.Application.Concurrency;

/// <summary>
/// Limits the total memory of request bodies and responses in flight. The limit of each of them is not enough, because a client can keep
/// any number of them waiting. Large ones wait for memory in order of arrival; small ones need none. Each caller can hold at most half of
/// the memory and waits within that half first, so that a caller who has used it up delays only its own requests.
/// </summary>
/// <remarks>
/// <c>ConcurrencyLimiter</c> of System.Threading.RateLimiting releases a lease only as a whole. Here, a response releases its memory block by
/// block while a slow client reads it.
/// </remarks>
/// <param name="clock">Measures the timeout.</param>
/// <param name="limit">The limit in bytes.</param>
public sealed class InFlightBytes(TimeProvider clock, long limit = InFlightBytes.Limit)
{
    /// <summary>
    /// The limit of all requests together: eight of the largest responses. With a hundred clients that request 4 MiB each and do not read,
    /// the process stays under 300 MiB. 150 MiB of these are the runtime and the libraries, and most of the rest is garbage. Twice the
    /// limit results in 370 MiB.
    /// </summary>
    public const long Limit = 32 * 1024 * 1024;

    /// <summary>The largest body or response that needs no reservation. A thousand connections can each have one.</summary>
    public const int Small = 64 * 1024;

    /// <summary>The limit of one caller, in bytes.</summary>
    public const long CallerLimit = Limit / CallerDivisor;

    private const int CallerDivisor = 2;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];

    // The user tokens and the session tokens of a user count separately, as for the rate limit. The number of entries is small, because only
    // users on the allow-list have tokens.
    private readonly ConcurrentDictionary<(UserId User, bool SessionToken), InFlightBytes> _callers = new();

    // Null for the total; otherwise this is the limit of one caller.
    private readonly InFlightBytes? _total;
    private readonly long _callerLimit = limit / CallerDivisor;
    private long _available = limit;

    private InFlightBytes(InFlightBytes total, TimeProvider clock, long limit)
        : this(clock, limit) => _total = total;

    /// <summary>Begins a reservation, which is empty at first.</summary>
    /// <param name="caller">The caller; null on a route without authentication.</param>
    public ByteReservation Begin(Caller? caller = null) =>
        new(caller is null ? this : _callers.GetOrAdd((caller.Id, caller.Scope is not null), _ => new InFlightBytes(this, clock, _callerLimit)));

    /// <summary>Acquires bytes if they are available now and no request is waiting.</summary>
    internal bool TryAcquire(long bytes)
    {
        if (!TryAcquireOwn(bytes)) return false;
        if (_total is null || _total.TryAcquire(bytes)) return true;
        ReleaseOwn(bytes);
        return false;
    }

    /// <summary>Acquires bytes as soon as they are available.</summary>
    /// <returns>False if the wait timed out.</returns>
    internal Task<bool> Acquire(long bytes, CancellationToken cancellationToken) => Acquire(bytes, Timeout, cancellationToken);

    /// <summary>Releases bytes.</summary>
    internal void Release(long bytes)
    {
        _total?.Release(bytes);
        ReleaseOwn(bytes);
    }

    // The timeout is for both waits together.
    private async Task<bool> Acquire(long bytes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        if (!await AcquireOwn(bytes, timeout, cancellationToken)) return false;
        if (_total is null) return true;
        var isAcquired = false;
        try
        {
            var remaining = timeout - clock.GetElapsedTime(start);
            isAcquired = await _total.Acquire(bytes, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, cancellationToken);
            return isAcquired;
        }
        finally
        {
            if (!isAcquired) ReleaseOwn(bytes);
        }
    }

    private bool TryAcquireOwn(long bytes)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || bytes > _available) return false;
            _available -= bytes;
            return true;
        }
    }

    private async Task<bool> AcquireOwn(long bytes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            if (TryAcquireOwn(bytes)) return true;
            waiter = _waiting.AddLast(new Waiter(bytes));
        }

        try
        {
            await waiter.Value.Task.WaitAsync(timeout, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (!TryRemove(waiter)) ReleaseOwn(bytes);
            if (exception is TimeoutException) return false;
            throw;
        }
    }

    private void ReleaseOwn(long bytes)
    {
        lock (_gate)
        {
            _available += bytes;
            GrantWaiting();
        }
    }

    // False if the bytes have been granted at the same moment.
    private bool TryRemove(LinkedListNode<Waiter> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is null) return false;
            _waiting.Remove(waiter);
            GrantWaiting();
            return true;
        }
    }

    private void GrantWaiting()
    {
        while (_waiting.First is { } first && first.Value.Bytes <= _available)
        {
            _available -= first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.SetResult();
        }
    }

    private sealed class Waiter(long bytes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal long Bytes => bytes;
    }
}

/// <summary>Too many large bodies and responses are in flight. Nothing was changed.</summary>
public sealed class OverloadedException() : Exception("Other bodies and responses use all the memory that is available for them.");
