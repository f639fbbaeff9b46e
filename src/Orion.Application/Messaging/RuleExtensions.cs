using FluentValidation;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>What the rules beside the requests are made of.</summary>
internal static class RuleExtensions
{
    /// <summary>The text, where there is one, must be what the domain's own reader accepts; its sentence is the message.</summary>
    internal static IRuleBuilderOptionsConditions<TRequest, string?> MustParse<TRequest, T>(
        this IRuleBuilder<TRequest, string?> rule, Func<string, Result<T>> parse)
        where T : notnull =>
        rule.Custom((text, context) =>
        {
            if (text is not null && parse(text).Error is { } error) context.AddFailure(error.Message);
        });
}
