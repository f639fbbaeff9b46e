using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>Rejects a request that names another user than its caller.</summary>
internal sealed class UserMatchBehavior<TRequest, TOutcome> : IPipelineBehavior<TRequest, TOutcome>
    where TRequest : IRequest<TOutcome>, IUserNamingRequest
    where TOutcome : IOutcome<TOutcome>
{
    public Task<TOutcome> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        var isCaller = request.NamedUser?.Value is not { Length: > 0 } name || request.Caller.HasAddress(name);
        return isCaller ? next() : Task.FromResult(TOutcome.Failed(RequestErrors.UserMismatch));
    }
}
