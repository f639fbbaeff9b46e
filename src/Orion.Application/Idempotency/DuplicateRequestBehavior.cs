using MediatR;
using Orion.Domain;

namespace Orion.Application.Idempotency;

/// <summary>
/// Lets a repeat wait while the first request is still running, for a while. Stands outside the command's transaction, which on
/// SQLite would wait its turn behind the first one for as long as that takes.
/// </summary>
internal sealed class DuplicateRequestBehavior<TCommand, T>(InFlightRequests running) : IPipelineBehavior<TCommand, Result<IdempotentResult<T>>>
    where TCommand : IIdempotentCommand<T>
    where T : class
{
    public async Task<Result<IdempotentResult<T>>> Handle(
        TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<Result<IdempotentResult<T>>> next)
    {
        if (command.IdempotencyKey is not { } key) return await next();

        using var entered = await running.Enter(key, command.Caller, cancellationToken);
        return entered is null ? IdempotencyErrors.Busy : await next();
    }
}
