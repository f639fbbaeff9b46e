using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>
/// Saves what a command changed, once and only when it succeeded; a refusal leaves no trace. A token that has been revoked since the
/// request began refuses the command, whatever came of it.
/// </summary>
internal sealed class TransactionBehavior<TCommand, TOutcome>(IUnitOfWork work) : IPipelineBehavior<TCommand, TOutcome>
    where TCommand : ITransactionalRequest<TOutcome>
    where TOutcome : IOutcome<TOutcome>
{
    public async Task<TOutcome> Handle(TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        await using var changes = await work.Begin((command as ICallerRequest)?.Caller, cancellationToken);
        var outcome = await next();
        var revoked = outcome.Error is null ? await changes.Save(cancellationToken) : await changes.Discard(cancellationToken);
        return revoked is null ? outcome : TOutcome.Failed(revoked);
    }
}
