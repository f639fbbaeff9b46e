using Orion.Application.Requests;
using Orion.Domain.Users;

namespace Orion.Application.Idempotency;

/// <summary>
/// The requests with a key that this process is running. A repeat waits for its first one here, where it holds neither a
/// connection nor a turn to write; that of another process waits in the database (<see cref="IKeptAnswers.Claim"/>).
/// </summary>
internal sealed class RunningRequests(TimeProvider clock)
{
    /// <summary>How long a repeat waits for the first request to end.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Turns<(UserId, string Method, string Path, string Key)> _turns = new(clock);

    /// <summary>Waits until no other request with the same key runs.</summary>
    /// <returns>To be disposed of when the request is over; null where the other one outlasted <see cref="Patience"/>.</returns>
    internal Task<IDisposable?> Enter(IdempotencyKey key, Caller caller, CancellationToken cancellationToken) =>
        _turns.Wait((caller.Id, key.Method, key.Path, key.Key), Patience, cancellationToken);
}
