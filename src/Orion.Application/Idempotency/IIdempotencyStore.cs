using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Idempotency;

/// <summary>The stored results of idempotent commands. A result is stored in the transaction of its command.</summary>
public interface IIdempotencyStore
{
    /// <summary>
    /// Claims the key for the running command, or finds the result that is stored for it. Waits up to 2 s if another running command has
    /// claimed it.
    /// </summary>
    Task<IdempotencyClaim> Claim(IdempotencyKey key, Caller caller, CancellationToken cancellationToken);

    /// <summary>Adds the result for the claimed key to the changes that the command saves.</summary>
    void Add<T>(IdempotencyKey key, SessionId session, T result, Caller caller)
        where T : class;

    /// <summary>
    /// Deletes up to <paramref name="limit"/> results of all users that were stored before <paramref name="before"/> or after
    /// <paramref name="after"/>, which is in the future.
    /// </summary>
    /// <returns>The number of deleted results.</returns>
    Task<int> DeleteExpired(DateTimeOffset before, DateTimeOffset after, int limit, CancellationToken cancellationToken);
}

/// <summary>The outcome of claiming a key.</summary>
public abstract record IdempotencyClaim
{
    /// <summary>The running command has the key.</summary>
    public sealed record Claimed : IdempotencyClaim;

    /// <summary>Another command has the key and is still running.</summary>
    public sealed record Busy : IdempotencyClaim;

    /// <summary>An earlier command had the key and has completed.</summary>
    /// <param name="BodyHash">The hash of its body.</param>
    /// <param name="Read">Reads its result as the given type.</param>
    public sealed record Completed(byte[] BodyHash, Func<Type, object> Read) : IdempotencyClaim;
}
