using System.Security.Cryptography;
using MediatR;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Idempotency;

/// <summary>Returns the stored result to a repeated command, and stores the result of a new one. It runs inside of the transaction.</summary>
internal sealed class IdempotencyBehavior<TCommand, T>(IIdempotencyStore store) : IPipelineBehavior<TCommand, Result<IdempotentResult<T>>>
    where TCommand : IIdempotentCommand<T>
    where T : class
{
    public async Task<Result<IdempotentResult<T>>> Handle(
        TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<Result<IdempotentResult<T>>> next)
    {
        if (command.IdempotencyKey is not { } key) return await next();

        // A stored result can only be read by callers that can read its session.
        if (command.Caller.Scope is { } scope && command.NamedSession != scope) return SessionErrors.NotFound;

        switch (await store.Claim(key, command.Caller, cancellationToken))
        {
            case IdempotencyClaim.Busy:
                return IdempotencyErrors.Busy;
            case IdempotencyClaim.Completed first:
                return CryptographicOperations.FixedTimeEquals(first.BodyHash, key.BodyHash)
                    ? new IdempotentResult<T>((T)first.Read(typeof(T)), IsReplay: true)
                    : IdempotencyErrors.Mismatch;
        }

        var outcome = await next();
        if (outcome.Error is null) store.Add(key, TCommand.SessionOf(outcome.Value.Value), outcome.Value.Value, command.Caller);
        return outcome;
    }
}
