using System.Security.Cryptography;
using MediatR;
using Orion.Application.Idempotency;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Pipeline;

/// <summary>Answers a repeated command with what the first one was answered. Stands within the command's transaction.</summary>
internal sealed class AnswerRepeats<TCommand, T>(IKeptAnswers answers) : IPipelineBehavior<TCommand, Result<Written<T>>>
    where TCommand : IRepeatable<T>
    where T : class
{
    public async Task<Result<Written<T>>> Handle(
        TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<Result<Written<T>>> next)
    {
        if (command.IdempotencyKey is not { } key) return await next();

        // A kept answer is the session's as much as the session is: a scope that does not hold it does not see it.
        if (command.Caller.Scope is { } only && command.NamedSession != only) return SessionErrors.NotFound;

        switch (await answers.Claim(key, command.Caller, cancellationToken))
        {
            case KeyClaim.Busy:
                return IdempotencyErrors.Busy;
            case KeyClaim.Answered first:
                return CryptographicOperations.FixedTimeEquals(first.BodyHash, key.BodyHash)
                    ? new Written<T>((T)first.Read(typeof(T)), IsReplay: true)
                    : IdempotencyErrors.Mismatch;
        }

        var outcome = await next();
        if (outcome.Error is null) answers.Keep(key, TCommand.SessionOf(outcome.Value.Value), outcome.Value.Value, command.Caller);
        return outcome;
    }
}
