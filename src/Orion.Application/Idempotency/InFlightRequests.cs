using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain.Users;

namespace Orion.Application.Idempotency;

/// <summary>
/// The requests with a key that this process is running. A repeat waits for its first one here, where it holds neither a
/// connection nor a turn to write; that of another process waits in the database (<see cref="IIdempotencyStore.Claim"/>).
/// </summary>
internal sealed class InFlightRequests(TimeProvider clock)
{
    /// <summary>How long a repeat waits for the first request to end.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly KeyedLock<(UserId, string Method, string Path, string Key)> _turns = new(clock);

    /// <summary>Waits until no other request with the same key runs.</summary>
    /// <returns>To be disposed of when the request is over; null where the other one outlasted <see cref="Timeout"/>.</returns>
    internal Task<IDisposable?> Enter(IdempotencyKey key, Caller caller, CancellationToken cancellationToken) =>
        _turns.Wait((caller.Id, key.Method, key.Path, key.Key), Timeout, cancellationToken);
}
