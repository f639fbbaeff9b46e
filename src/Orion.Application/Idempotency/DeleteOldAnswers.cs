using MediatR;
using Orion.Application.Requests;
using Orion.Domain;

namespace Orion.Application.Idempotency;

/// <summary>Deletes a batch of kept answers that are too old to be given.</summary>
/// <param name="Limit">How many at the most: a small batch holds nobody up.</param>
public sealed record DeleteOldAnswers(int Limit) : IChanging<Result<DeletedAnswers>>, IRequestWithoutCaller;

/// <summary>Answers were deleted.</summary>
/// <param name="Count">How many.</param>
public sealed record DeletedAnswers(int Count);

internal sealed class DeleteOldAnswersHandler(IKeptAnswers answers, TimeProvider clock) : IRequestHandler<DeleteOldAnswers, Result<DeletedAnswers>>
{
    public async Task<Result<DeletedAnswers>> Handle(DeleteOldAnswers command, CancellationToken cancellationToken)
    {
        // One that is dated further ahead than its lifetime was written by a clock that ran ahead, and would be given for as long.
        var now = clock.GetUtcInstant();
        return new DeletedAnswers(
            await answers.DeleteOld(now - IdempotencyKey.Lifetime, now + IdempotencyKey.Lifetime, command.Limit, cancellationToken));
    }
}
