using FluentValidation;
using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>Refuses a request whose rules do not hold, naming each member that is wrong, before its handler sees it.</summary>
internal sealed class ValidationBehavior<TRequest, TOutcome>(IEnumerable<IValidator<TRequest>> rules) : IPipelineBehavior<TRequest, TOutcome>
    where TRequest : IRequest<TOutcome>
    where TOutcome : IOutcome<TOutcome>
{
    public Task<TOutcome> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        foreach (var rule in rules)
        {
            var result = rule.Validate(request);
            if (result.IsValid) continue;

            var members = result.Errors
                .GroupBy(failure => failure.PropertyName)
                .ToDictionary(group => group.Key, group => group.Select(failure => failure.ErrorMessage).Distinct().ToArray());
            return Task.FromResult(TOutcome.Failed(RequestErrors.Invalid(members)));
        }

        return next();
    }
}
