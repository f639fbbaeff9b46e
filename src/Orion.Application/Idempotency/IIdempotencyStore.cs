using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Idempotency;

/// <summary>The answers that one caller's repeatable requests were given. They are kept in the transaction of what they answer.</summary>
public interface IIdempotencyStore
{
    /// <summary>
    /// Takes the key for the command under way, or finds what it was taken for before. Another command that holds the key and is
    /// not over yet is waited for, up to 2 s.
    /// </summary>
    Task<IdempotencyClaim> Claim(IdempotencyKey key, Caller caller, CancellationToken cancellationToken);

    /// <summary>Keeps the answer for the key that was taken, when the command is saved.</summary>
    void Keep<T>(IdempotencyKey key, SessionId session, T answer, Caller caller)
        where T : class;

    /// <summary>
    /// Deletes up to <paramref name="limit"/> answers from before an instant, or after one that is yet to come, of all users: an operator's
    /// chore.
    /// </summary>
    /// <returns>How many these were.</returns>
    Task<int> DeleteOld(DateTimeOffset before, DateTimeOffset after, int limit, CancellationToken cancellationToken);
}

/// <summary>What became of claiming a key.</summary>
public abstract record IdempotencyClaim
{
    /// <summary>The key is the command's.</summary>
    public sealed record Taken : IdempotencyClaim;

    /// <summary>Another command holds the key and is not over.</summary>
    public sealed record Busy : IdempotencyClaim;

    /// <summary>An earlier command was answered.</summary>
    /// <param name="BodyHash">The hash of its body.</param>
    /// <param name="Read">Reads its answer as the type that it has.</param>
    public sealed record Answered(byte[] BodyHash, Func<Type, object> Read) : IdempotencyClaim;
}
