using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>The database transaction of one command.</summary>
public interface IUnitOfWork
{
    /// <summary>Begins it. Disposing of it without <see cref="ITransaction.Save"/> takes everything back.</summary>
    /// <param name="caller">Whose token must still count when the command is saved; null for a command without a caller.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ITransaction> Begin(Caller? caller, CancellationToken cancellationToken);
}

/// <summary>What a command has changed and not yet saved.</summary>
public interface ITransaction : IAsyncDisposable
{
    /// <summary>
    /// Writes and commits all of it, or writes nothing: then it throws, or returns why the caller's token does not count any more. The
    /// token is checked in the transaction, behind every lock: never against what is remembered.
    /// </summary>
    Task<Error?> Save(CancellationToken cancellationToken);

    /// <summary>Takes all of it back. Returns why the caller's token does not count any more; null where it counts.</summary>
    Task<Error?> Discard(CancellationToken cancellationToken);
}
