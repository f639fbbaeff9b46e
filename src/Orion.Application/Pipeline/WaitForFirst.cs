using MediatR;
using Orion.Application.Idempotency;
using Orion.Domain;

namespace Orion.Application.Pipeline;

/// <summary>
/// Lets a repeat wait while the first request is still running, for a while. Stands outside the command's transaction, which on
/// SQLite would wait its turn behind the first one for as long as that takes.
/// </summary>
internal sealed class WaitForFirst<TCommand, T>(RunningRequests running) : IPipelineBehavior<TCommand, Result<Written<T>>>
    where TCommand : IRepeatable<T>
    where T : class
{
    public async Task<Result<Written<T>>> Handle(
        TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<Result<Written<T>>> next)
    {
        if (command.IdempotencyKey is not { } key) return await next();

        using var entered = await running.Enter(key, command.Caller, cancellationToken);
        return entered is null ? IdempotencyErrors.Busy : await next();
    }
}
