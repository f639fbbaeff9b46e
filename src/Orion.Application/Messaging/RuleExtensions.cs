using FluentValidation;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>Rules for members that the client's input was parsed into.</summary>
internal static class RuleExtensions
{
    /// <summary>The member must be absent or parsed. The rule reports the error of a failed result.</summary>
    internal static IRuleBuilderOptions<TRequest, Result<T>?> MustBeValid<TRequest, T>(this IRuleBuilder<TRequest, Result<T>?> rule)
        where T : notnull =>
        rule.Must((_, result, context) =>
        {
            if (result?.Error is not { } error) return true;
            context.MessageFormatter.AppendArgument(nameof(Error), error.Message);
            return false;
        }).WithMessage($"{{{nameof(Error)}}}");

    /// <summary>The member must be present.</summary>
    internal static IRuleBuilderOptions<TRequest, Result<T>?> MustBePresent<TRequest, T>(
        this IRuleBuilder<TRequest, Result<T>?> rule, string message = RequestErrors.MissingMember)
        where T : notnull =>
        rule.NotNull().WithMessage(message);
}
