using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>
/// Runs a command in a transaction and saves its changes once, if it succeeded. A failed command changes nothing. A command whose token
/// has been revoked since the request began fails, whatever its result.
/// </summary>
internal sealed class TransactionBehavior<TCommand, TOutcome>(IUnitOfWork work) : IPipelineBehavior<TCommand, TOutcome>
    where TCommand : ITransactionalRequest<TOutcome>
    where TOutcome : IOutcome<TOutcome>
{
    public async Task<TOutcome> Handle(TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        await using var transaction = await work.Begin((command as ICallerRequest)?.Caller, cancellationToken);
        var outcome = await next();
        var revoked = outcome.Error is null ? await transaction.Save(cancellationToken) : await transaction.Discard(cancellationToken);
        return revoked is null ? outcome : TOutcome.Failed(revoked);
    }
}

/// <summary>The database transaction of one command.</summary>
public interface IUnitOfWork
{
    /// <summary>Begins the transaction. Disposing it without <see cref="ITransaction.Save"/> rolls it back.</summary>
    /// <param name="caller">The caller whose token must still be accepted when the command is saved; null for a command without a caller.</param>
    /// <param name="cancellationToken">Cancels the wait for a lock.</param>
    Task<ITransaction> Begin(Caller? caller, CancellationToken cancellationToken);
}

/// <summary>The changes of one command that are not saved yet.</summary>
public interface ITransaction : IAsyncDisposable
{
    /// <summary>
    /// Commits all changes or none. The caller's token is checked inside the transaction, after all locks are acquired, against the
    /// database and never against a cache.
    /// </summary>
    /// <returns>The error if the token is no longer accepted, in which case nothing is committed; null on success.</returns>
    Task<Error?> Save(CancellationToken cancellationToken);

    /// <summary>Rolls all changes back.</summary>
    /// <returns>The error if the caller's token is no longer accepted; null if it is accepted.</returns>
    Task<Error?> Discard(CancellationToken cancellationToken);
}
