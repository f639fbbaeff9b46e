using FluentValidation;
using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>Rejects a request that breaks its rules. The error names every invalid member.</summary>
internal sealed class ValidationBehavior<TRequest, TOutcome>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TOutcome>
    where TRequest : IRequest<TOutcome>
    where TOutcome : IOutcome<TOutcome>
{
    public Task<TOutcome> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        foreach (var validator in validators)
        {
            var result = validator.Validate(request);
            if (result.IsValid) continue;

            var members = result.Errors
                .GroupBy(failure => failure.PropertyName)
                .ToDictionary(group => group.Key, group => group.Select(failure => failure.ErrorMessage).Distinct().ToArray());
            return Task.FromResult(TOutcome.Failed(RequestErrors.Invalid(members)));
        }

        return next();
    }
}
