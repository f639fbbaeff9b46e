using System.Collections.Concurrent;
using Orion.Application.Messaging;
using Orion.Domain.Users;

namespace Orion.Application.Concurrency;

/// <summary>
/// Bounds the memory of all bodies and responses under way, which a limit for each of them does not: clients may keep any number
/// of them waiting. Large ones wait for their part in the order in which they came; small ones need none. Each caller has at most half
/// of it, and waits within that half first, so that a caller who has used it up delays only its own requests.
/// </summary>
/// <param name="clock">Measures the wait.</param>
/// <param name="limit">The bound, in bytes.</param>
public sealed class InFlightBytes(TimeProvider clock, long limit = InFlightBytes.Limit)
{
    /// <summary>
    /// What all may hold together: eight of the largest responses. While a hundred clients ask for 4 MiB each and do not read, the process
    /// stays under 300 MiB: 150 are the runtime and the libraries, and most of the rest is garbage. Twice the bound takes 370.
    /// </summary>
    public const long Limit = 32 * 1024 * 1024;

    /// <summary>The largest body or response that needs no share: a thousand connections of them are bearable.</summary>
    public const int Small = 64 * 1024;

    /// <summary>What one caller may hold, in bytes.</summary>
    public const long CallerLimit = Limit / CallerPart;

    private const int CallerPart = 2;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];

    // User tokens and session tokens of a user count apart, as on the rate limit. Only people on the allow-list have one, so there are few.
    private readonly ConcurrentDictionary<(UserId User, bool SessionToken), InFlightBytes> _callers = new();

    // Null where this is the whole, and not one caller's part of it.
    private readonly InFlightBytes? _whole;
    private readonly long _callerLimit = limit / CallerPart;
    private long _free = limit;

    private InFlightBytes(InFlightBytes whole, TimeProvider clock, long limit)
        : this(clock, limit) => _whole = whole;

    /// <summary>Begins a request, which holds nothing yet.</summary>
    /// <param name="caller">Whose request it is; null on a route that is open to all.</param>
    public ByteReservation Begin(Caller? caller = null) =>
        new(caller is null ? this : _callers.GetOrAdd((caller.Id, caller.Scope is not null), _ => new InFlightBytes(this, clock, _callerLimit)));

    /// <summary>Takes bytes where that is possible at once, and nobody has waited longer.</summary>
    internal bool TryTake(long bytes)
    {
        if (!TryTakeOwn(bytes)) return false;
        if (_whole is null || _whole.TryTake(bytes)) return true;
        GiveOwn(bytes);
        return false;
    }

    /// <summary>Takes bytes as soon as it can.</summary>
    /// <returns>Whether it could in time.</returns>
    internal Task<bool> Take(long bytes, CancellationToken cancellationToken) => Take(bytes, Timeout, cancellationToken);

    /// <summary>Gives bytes back.</summary>
    internal void Give(long bytes)
    {
        _whole?.Give(bytes);
        GiveOwn(bytes);
    }

    // The patience is for both waits together.
    private async Task<bool> Take(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        if (!await TakeOwn(bytes, patience, cancellationToken)) return false;
        if (_whole is null) return true;
        var taken = false;
        try
        {
            var left = patience - clock.GetElapsedTime(begin);
            taken = await _whole.Take(bytes, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            return taken;
        }
        finally
        {
            if (!taken) GiveOwn(bytes);
        }
    }

    private bool TryTakeOwn(long bytes)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || bytes > _free) return false;
            _free -= bytes;
            return true;
        }
    }

    private async Task<bool> TakeOwn(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> place;
        lock (_gate)
        {
            if (TryTakeOwn(bytes)) return true;
            place = _waiting.AddLast(new Waiter(bytes));
        }

        try
        {
            await place.Value.Task.WaitAsync(patience, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (!Leave(place)) GiveOwn(bytes);
            if (exception is TimeoutException) return false;
            throw;
        }
    }

    private void GiveOwn(long bytes)
    {
        lock (_gate)
        {
            _free += bytes;
            ServeWaiting();
        }
    }

    // False where the bytes were granted in this very moment.
    private bool Leave(LinkedListNode<Waiter> place)
    {
        lock (_gate)
        {
            if (place.List is null) return false;
            _waiting.Remove(place);
            ServeWaiting();
            return true;
        }
    }

    private void ServeWaiting()
    {
        while (_waiting.First is { } first && first.Value.Bytes <= _free)
        {
            _free -= first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.SetResult();
        }
    }

    private sealed class Waiter(long bytes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal long Bytes => bytes;
    }
}

/// <summary>Too many large bodies and responses are under way. Nothing was changed.</summary>
public sealed class OverloadedException() : Exception("Other bodies and responses hold all the memory that there is for them.");
