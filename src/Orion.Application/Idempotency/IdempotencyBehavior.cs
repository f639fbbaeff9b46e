using System.Security.Cryptography;
using MediatR;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Idempotency;

/// <summary>Answers a repeated command with what the first one was answered. Stands within the command's transaction.</summary>
internal sealed class IdempotencyBehavior<TCommand, T>(IIdempotencyStore answers) : IPipelineBehavior<TCommand, Result<IdempotentResult<T>>>
    where TCommand : IIdempotentCommand<T>
    where T : class
{
    public async Task<Result<IdempotentResult<T>>> Handle(
        TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<Result<IdempotentResult<T>>> next)
    {
        if (command.IdempotencyKey is not { } key) return await next();

        // A kept answer is the session's as much as the session is: a scope that does not hold it does not see it.
        if (command.Caller.Scope is { } only && command.NamedSession != only) return SessionErrors.NotFound;

        switch (await answers.Claim(key, command.Caller, cancellationToken))
        {
            case IdempotencyClaim.Busy:
                return IdempotencyErrors.Busy;
            case IdempotencyClaim.Answered first:
                return CryptographicOperations.FixedTimeEquals(first.BodyHash, key.BodyHash)
                    ? new IdempotentResult<T>((T)first.Read(typeof(T)), IsReplay: true)
                    : IdempotencyErrors.Mismatch;
        }

        var outcome = await next();
        if (outcome.Error is null) answers.Keep(key, TCommand.SessionOf(outcome.Value.Value), outcome.Value.Value, command.Caller);
        return outcome;
    }
}
