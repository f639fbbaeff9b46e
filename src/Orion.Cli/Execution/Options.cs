using System.CommandLine;
using System.Globalization;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Cli.Execution;

/// <summary>Options and arguments of more than one command.</summary>
internal static class Options
{
    /// <summary>Whether to report as JSON.</summary>
    internal static Option<bool> Json { get; } = new("--json")
    {
        Description = "Report as JSON, for scripts.",
        Recursive = true,
    };

    /// <summary>
    /// The environment, as the service reads it. The last value counts, so that the command line can override the one of a run from a clone.
    /// </summary>
    internal static Option<string?> EnvironmentName { get; } = new("--environment")
    {
        Description = "Development or Production. The default is ASPNETCORE_ENVIRONMENT, else Production.",
        HelpName = "NAME",
        Recursive = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => result.Tokens[^1].Value,
    };

    /// <summary>An option with an e-mail address.</summary>
    internal static Option<EmailAddress?> Email(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "EMAIL",
        CustomParser = result => Parse(result.Tokens[0].Value, result.AddError),
    };

    /// <summary>An argument that is an e-mail address.</summary>
    internal static Argument<EmailAddress> Email(string description) => new("EMAIL")
    {
        Description = description,
        CustomParser = result => Parse(result.Tokens[0].Value, result.AddError),
    };

    /// <summary>The option <c>--session</c>.</summary>
    internal static Option<SessionId?> Session(string description) => new("--session")
    {
        CustomParser = result =>
        {
            var id = SessionId.Parse(result.Tokens[0].Value);
            if (id is null) result.AddError("--session is not a UUID.");
            return id;
        },
        Description = description,
        HelpName = "ID",
    };

    /// <summary>An option with a count of at least 1.</summary>
    internal static Option<int> Count(string name, int defaultValue, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var count) && count < 1)
                result.AddError($"{name} must be at least 1.");
        });
        return option;
    }

    private static EmailAddress? Parse(string text, Action<string> addError)
    {
        if (EmailAddress.TryParse(text, out var address)) return address;
        addError("EMAIL must be one e-mail address in printable ASCII.");
        return null;
    }
}
