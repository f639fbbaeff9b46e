using System.CommandLine;
using System.Globalization;
using Orion.Domain.Users;

namespace Orion.Cli.Execution;

/// <summary>Options and arguments that more than one command takes.</summary>
internal static class Options
{
    /// <summary>Answers as JSON.</summary>
    internal static Option<bool> Json { get; } = new("--json")
    {
        Description = "Report as JSON, for scripts.",
        Recursive = true,
    };

    /// <summary>
    /// The environment, as the service takes it. The last one counts, so that somebody can say another one than a run from a clone says.
    /// </summary>
    internal static Option<string?> EnvironmentName { get; } = new("--environment")
    {
        Description = "Development or Production; ASPNETCORE_ENVIRONMENT, else Production, where nothing is said.",
        HelpName = "NAME",
        Recursive = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => result.Tokens[^1].Value,
    };

    /// <summary>An option that is an e-mail address.</summary>
    internal static Option<EmailAddress?> Email(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "EMAIL",
        CustomParser = result => Read(result.Tokens[0].Value, result.AddError),
    };

    /// <summary>An argument that is an e-mail address.</summary>
    internal static Argument<EmailAddress> Email(string description) => new("EMAIL")
    {
        Description = description,
        CustomParser = result => Read(result.Tokens[0].Value, result.AddError),
    };

    /// <summary>An option that is a number of things, one at the least.</summary>
    internal static Option<int> Count(string name, int otherwise, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var count) && count < 1)
                result.AddError($"{name} is 1 at the least.");
        });
        return option;
    }

    private static EmailAddress? Read(string text, Action<string> refuse)
    {
        if (EmailAddress.TryParse(text, out var address)) return address;
        refuse("EMAIL is not one e-mail address in printable ASCII.");
        return null;
    }
}
