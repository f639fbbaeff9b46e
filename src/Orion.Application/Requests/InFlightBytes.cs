namespace Orion.Application.Requests;

/// <summary>
/// Bounds the memory of all bodies and responses under way, which a limit for each of them does not: clients may keep any number
/// of them waiting. Large ones wait for their share in the order in which they came; small ones need none.
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private long _free = limit;

    /// <summary>Begins a request, which holds nothing yet.</summary>
    public ByteReservation Begin() => new(this);

    /// <summary>Takes bytes where that is possible at once, and nobody has waited longer.</summary>
    internal bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || bytes > _free) return false;
            _free -= bytes;
            return true;
        }
    }

    /// <summary>Takes bytes as soon as it can.</summary>
    /// <returns>Whether it could in time.</returns>
    internal async Task<bool> Take(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> place;
        lock (_gate)
        {
            if (TryTake(bytes)) return true;
            place = _waiting.AddLast(new Waiter(bytes));
        }

        try
        {
            await place.Value.Task.WaitAsync(Patience, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (!Leave(place)) Give(bytes);
            if (exception is TimeoutException) return false;
            throw;
        }
    }

    /// <summary>Gives bytes back.</summary>
    internal void Give(long bytes)
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
