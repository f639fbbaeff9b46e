using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application.Idempotency;

/// <summary>Deletes a batch of expired results.</summary>
/// <param name="Limit">The size of the batch. A small batch keeps its locks short.</param>
public sealed record DeleteExpiredIdempotencyRecords(int Limit) : ITransactionalRequest<Result<IdempotencyRecordsDeleted>>, ISystemRequest;

/// <summary>A batch was deleted.</summary>
/// <param name="Count">The number of results.</param>
public sealed record IdempotencyRecordsDeleted(int Count);

internal sealed class DeleteExpiredIdempotencyRecordsHandler(IIdempotencyStore store, TimeProvider clock)
    : IRequestHandler<DeleteExpiredIdempotencyRecords, Result<IdempotencyRecordsDeleted>>
{
    public async Task<Result<IdempotencyRecordsDeleted>> Handle(DeleteExpiredIdempotencyRecords command, CancellationToken cancellationToken)
    {
        // A fast clock may have stored a result with a date in the future. A result more than one lifetime ahead is deleted, too.
        var now = clock.GetUtcInstant();
        return new IdempotencyRecordsDeleted(
            await store.DeleteExpired(now - IdempotencyKey.Lifetime, now + IdempotencyKey.Lifetime, command.Limit, cancellationToken));
    }
}
