using MediatR;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Idempotency;

/// <summary>
/// Makes a repeated request wait while the first one is running. It runs outside of the transaction: a waiting request holds neither a
/// connection nor SQLite's write lock.
/// </summary>
internal sealed class DuplicateRequestBehavior<TCommand, T>(InFlightRequests requests) : IPipelineBehavior<TCommand, Result<IdempotentResult<T>>>
    where TCommand : IIdempotentCommand<T>
    where T : class
{
    public async Task<Result<IdempotentResult<T>>> Handle(
        TCommand command, CancellationToken cancellationToken, RequestHandlerDelegate<Result<IdempotentResult<T>>> next)
    {
        if (command.IdempotencyKey is not { } key) return await next();

        using var acquired = await requests.Enter(key, command.Caller, cancellationToken);
        return acquired is null ? IdempotencyErrors.Busy : await next();
    }
}

/// <summary>
/// The requests with an idempotency key that this process is running. A repeated request in another process waits in the database
/// (<see cref="IIdempotencyStore.Claim"/>).
/// </summary>
internal sealed class InFlightRequests(TimeProvider clock)
{
    /// <summary>How long a repeated request waits for the first one.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly KeyedLock<(UserId, string Method, string Path, string Key)> _locks = new(clock);

    /// <summary>Waits until no other request with the same key is running.</summary>
    /// <returns>The lock, to be disposed when the request has ended; null after <see cref="Timeout"/>.</returns>
    internal Task<IDisposable?> Enter(IdempotencyKey key, Caller caller, CancellationToken cancellationToken) =>
        _locks.Acquire((caller.Id, key.Method, key.Path, key.Key), Timeout, cancellationToken);
}
