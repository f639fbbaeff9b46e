using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application.Idempotency;

/// <summary>Deletes a batch of kept answers that are too old to be given.</summary>
/// <param name="Limit">How many at the most: a small batch holds nobody up.</param>
public sealed record DeleteExpiredIdempotencyRecords(int Limit) : ITransactionalRequest<Result<IdempotencyRecordsDeleted>>, ISystemRequest;

/// <summary>Answers were deleted.</summary>
/// <param name="Count">How many.</param>
public sealed record IdempotencyRecordsDeleted(int Count);

internal sealed class DeleteExpiredIdempotencyRecordsHandler(IIdempotencyStore answers, TimeProvider clock) : IRequestHandler<DeleteExpiredIdempotencyRecords, Result<IdempotencyRecordsDeleted>>
{
    public async Task<Result<IdempotencyRecordsDeleted>> Handle(DeleteExpiredIdempotencyRecords command, CancellationToken cancellationToken)
    {
        // One that is dated further ahead than its lifetime was written by a clock that ran ahead, and would be given for as long.
        var now = clock.GetUtcInstant();
        return new IdempotencyRecordsDeleted(
            await answers.DeleteOld(now - IdempotencyKey.Lifetime, now + IdempotencyKey.Lifetime, command.Limit, cancellationToken));
    }
}
